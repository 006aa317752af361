// SPDX-License-Identifier: Apache-2.0
//
// Reads the key `preflight` of the configuration file. What is not understood is an error with its
// line.

#if Scanner && canImport(Glibc)

internal import AccessAuditScanner
internal import Yams

extension PreflightConfiguration {
  /// Reads the file's text; one without the key leaves everything as it is by default.
  ///
  /// - Throws: `ConfigurationError`.
  package init(yaml: String, path: String) throws {
    self.init()
    // The rest of the file has been read before, so that its errors are known.
    guard let root = try Yams.compose(yaml: yaml)?.mapping else { return }
    for (key, value) in root where key.string == "preflight" {
      let node = ConfigurationNode(node: value, name: "preflight", path: path, line: key.mark?.line ?? 1)
      try read(node)
    }
  }

  private mutating func read(_ node: ConfigurationNode) throws {
    for member in try node.members([
      "stages", "build", "tests", "canary", "observability", "consequences", "reports",
    ]) {
      switch member.name {
      case "stages": stages = try Self.stages(member)
      case "build": build = try Build(member)
      case "tests": tests = try Tests(member)
      case "canary": canary = try Canary(member)
      case "observability": observability = try Observability(member)
      case "consequences": consequences = try Consequences(member)
      default:
        for form in try member.members(ChecklistForm.allCases.map(\.rawValue)) {
          if let key = ChecklistForm(rawValue: form.name) { reports[key] = try form.string() }
        }
      }
    }
  }

  private static func stages(_ node: ConfigurationNode) throws -> [Stage] {
    let names = try node.strings()
    let stages = try names.map { name in
      guard let stage = Stage(rawValue: name) else {
        let known = Stage.allCases.map(\.rawValue).joined(separator: ", ")
        throw node.error("unknown stage '\(name)'; known are: \(known)")
      }
      return stage
    }
    guard Set(stages).count == stages.count, !stages.isEmpty else {
      throw node.error("'stages' must name each stage once, and at least one")
    }
    return stages
  }
}

extension PreflightConfiguration.Build {
  fileprivate init(_ node: ConfigurationNode) throws {
    self.init()
    for member in try node.members([
      "products", "configuration", "arguments", "audit", "symbols", "image",
    ]) {
      switch member.name {
      case "products": products = try member.strings()
      case "configuration": configuration = try member.string()
      case "arguments": arguments = try member.strings()
      case "audit": audit = try Audit(member)
      case "symbols": symbols = try member.strings()
      default: image = try member.string()
      }
    }
    guard ["debug", "release"].contains(configuration) else {
      throw node.error("'configuration' must be debug or release, not '\(configuration)'")
    }
  }
}

extension PreflightConfiguration.Build.Audit {
  fileprivate init(_ node: ConfigurationNode) throws { self = try node.choice(Self.self) }
}

extension PreflightConfiguration.Tests {
  fileprivate init(_ node: ConfigurationNode) throws {
    self.init()
    for member in try node.members([
      "mode", "rounds", "on-violation", "baseline", "suppressions", "arguments", "build-arguments",
    ]) {
      switch member.name {
      case "mode": mode = try member.choice(Mode.self)
      case "rounds": rounds = try member.integer(1...100)
      case "on-violation": onViolation = try member.string()
      case "baseline": baseline = try member.string()
      case "suppressions": suppressions = try member.string()
      case "arguments": arguments = try member.strings()
      default: buildArguments = try member.strings()
      }
    }
    guard ["report", "shield"].contains(onViolation) else {
      throw node.error("'on-violation' must be report or shield: after a halt nothing more is found")
    }
  }
}

extension PreflightConfiguration.Canary {
  fileprivate init(_ node: ConfigurationNode) throws {
    let members = try node.members([
      "program", "environment", "ready", "ready-seconds", "load", "stop-seconds", "options", "baseline", "suppressions",
    ])
    guard let program = members.first(where: { $0.name == "program" }) else {
      throw node.error("'canary' needs 'program'")
    }
    self.init(program: try program.command())
    for member in members {
      switch member.name {
      case "environment": environment = try member.variables()
      case "ready": ready = try member.url()
      case "ready-seconds": readySeconds = try member.number(0...3600)
      case "load": load = try member.command()
      case "stop-seconds": stopSeconds = try member.number(0...3600)
      case "options": options = try member.string()
      case "baseline": baseline = try member.string()
      case "suppressions": suppressions = try member.string()
      default: break
      }
    }
  }
}

extension PreflightConfiguration.Observability {
  fileprivate init(_ node: ConfigurationNode) throws {
    self.init()
    for member in try node.members([
      "metrics", "series", "audit-series", "rules", "rule-tests", "alertmanager-config",
    ]) {
      switch member.name {
      case "metrics": metrics = try member.url()
      case "series":
        series = try member.strings()
        for text in series where SeriesPattern(text) == nil { throw member.error("'\(text)' is no series") }
      case "audit-series": requiresAudit = try member.boolean()
      case "rules": rules = try member.strings()
      case "rule-tests": ruleTests = try member.strings()
      default: alertmanagerConfiguration = try member.string()
      }
    }
  }
}

extension PreflightConfiguration.Consequences {
  fileprivate init(_ node: ConfigurationNode) throws {
    self.init()
    for member in try node.members(["silence", "pagerduty"]) {
      if member.name == "silence" {
        silence = try PreflightConfiguration.Silence(member)
      } else {
        pagerDuty = try PreflightConfiguration.PagerDuty(member)
      }
    }
  }
}

extension PreflightConfiguration.Silence {
  fileprivate init(_ node: ConfigurationNode) throws {
    let members = try node.members(["alertmanager", "matchers", "minutes", "comment", "token-variable"])
    guard let address = members.first(where: { $0.name == "alertmanager" }) else {
      throw node.error("'silence' needs 'alertmanager'")
    }
    self.init(alertmanager: try address.url())
    for member in members {
      switch member.name {
      case "matchers":
        matchers = try member.strings()
        guard !matchers.isEmpty else { throw member.error("'matchers' must name at least one") }
        for text in matchers where AlertMatcher(text) == nil { throw member.error("'\(text)' is no matcher") }
      case "minutes": minutes = try member.integer(1...1440)
      case "comment": comment = try member.string()
      case "token-variable": tokenVariable = try member.string()
      default: break
      }
    }
  }
}

extension PreflightConfiguration.PagerDuty {
  fileprivate init(_ node: ConfigurationNode) throws {
    self.init()
    for member in try node.members(["url", "key-variable", "severity", "source"]) {
      switch member.name {
      case "url": url = try member.url()
      case "key-variable": keyVariable = try member.string()
      case "severity": severity = try member.choice(Severity.self)
      default: source = try member.string()
      }
    }
  }
}

#endif
