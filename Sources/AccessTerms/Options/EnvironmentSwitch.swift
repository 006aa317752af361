// SPDX-License-Identifier: Apache-2.0
//
// The meaning of ACCESS_AUDIT as a whole, and what is to be said about it. Pure.

#if REPORTS && canImport(Glibc)

package enum EnvironmentSwitch {
  package struct Outcome: Sendable {
    package var configuration: AuditConfiguration
    package var warnings: [String] = []
    package var help: String?
  }

  /// What the variable's value means; unset, empty, `0` and `off` switch auditing off.
  package static func read(_ value: String?) -> Outcome {
    guard let value, value != "", value != "0", value != "off" else {
      return Outcome(configuration: AuditConfiguration(isEnabled: false))
    }
    let parsed = OptionParser.parse(value)
    let checked = parsed.configuration.validated()
    return Outcome(
      configuration: checked.configuration, warnings: parsed.warnings + checked.warnings,
      help: parsed.asksForHelp ? OptionHelp.text(checked.configuration) : nil)
  }
}

extension AuditConfiguration {
  /// The configuration with each value outside its range replaced by the default, and what was
  /// replaced.
  package func validated() -> (configuration: AuditConfiguration, warnings: [String]) {
    let defaults = AuditConfiguration()
    var result = defaults
    var warnings: [String] = []
    // The table has every property but this one.
    result.isEnabled = isEnabled
    for option in OptionTable.options {
      let text = option.show(self)
      let standard = option.show(defaults)
      guard text != standard, let reason = option.apply(text, &result) else { continue }
      warnings.append(
        "\(option.name)='\(text)' is ignored: it \(reason); "
          + (standard.isEmpty ? "it stays unset" : "\(standard) is used"))
    }
    return (result, warnings)
  }
}

/// The text that `help=1` prints.
enum OptionHelp {
  static func text(_ configuration: AuditConfiguration) -> String {
    var lines = ["AccessAudit: options of ACCESS_AUDIT, as key=value pairs; current value in brackets"]
    for option in OptionTable.options {
      lines.append("  \(option.name)=\(option.values) [\(TextEscaping.printable(option.show(configuration)))]")
      lines.append("      \(option.sentence)")
    }
    lines.append("  \(OptionTable.helpName)=1\n      prints this table")
    return lines.joined(separator: "\n") + "\n"
  }
}

#endif
