// SPDX-License-Identifier: Apache-2.0
//
// The checklist as JUnit's XML, which most servers for builds read: a suite for each stage, a case
// for each check.

#if Scanner && canImport(Glibc)

enum JUnitChecklist {
  static func render(_ result: PreflightResult) -> String {
    let checks = result.stages.flatMap(\.checks)
    var lines = [
      #"<?xml version="1.0" encoding="UTF-8"?>"#,
      "<testsuites name=\"\(escaped("preflight of \(result.name)"))\" \(counts(checks)) time=\"\(time(result.seconds))\">",
    ]
    for stage in result.stages {
      lines.append(
        "  <testsuite name=\"\(stage.stage.rawValue)\" \(counts(stage.checks)) time=\"\(time(stage.seconds))\">")
      for check in stage.checks { lines += testCase(check, stage) }
      lines.append("  </testsuite>")
    }
    lines.append("</testsuites>")
    return lines.joined(separator: "\n") + "\n"
  }

  private static func counts(_ checks: [Check]) -> String {
    "tests=\"\(checks.count)\" failures=\"\(checks.count { $0.outcome == .failed })\" errors=\"0\" "
      + "skipped=\"\(checks.count { $0.outcome == .skipped })\""
  }

  private static func testCase(_ check: Check, _ stage: StageResult) -> [String] {
    let file = check.place.map { " file=\"\(escaped($0.file))\" line=\"\($0.line)\"" } ?? ""
    let head =
      "    <testcase classname=\"preflight.\(stage.stage.rawValue)\" name=\"\(escaped(check.name))\"\(file) time=\"0\""
    switch check.outcome {
    case .passed: return [head + "/>"]
    case .skipped: return [head + ">", "      <skipped message=\"\(escaped(check.detail))\"/>", "    </testcase>"]
    case .warning:
      return [head + ">", "      <system-out>\(escaped("warning: " + text(check)))</system-out>", "    </testcase>"]
    case .failed:
      let content = text(check) + "\nagain: \(stage.command)"
      return [
        head + ">", "      <failure message=\"\(escaped(check.detail))\">\(escaped(content))</failure>",
        "    </testcase>",
      ]
    }
  }

  private static func text(_ check: Check) -> String {
    check.detail + (check.next.map { "\nnext: \($0)" } ?? "")
  }

  private static func time(_ seconds: Double) -> String { String(Double(Int(seconds * 1_000)) / 1_000) }

  /// XML 1.0, section 2.2: characters that it does not allow become a replacement character.
  static func escaped(_ text: String) -> String {
    text.unicodeScalars.reduce(into: "") { result, scalar in
      switch scalar {
      case "&": result += "&amp;"
      case "<": result += "&lt;"
      case ">": result += "&gt;"
      case "\"": result += "&quot;"
      case "\n": result += "&#10;"
      case "\r": result += "&#13;"
      case "\t": result += "&#9;"
      case _ where scalar.value < 0x20 || scalar.value == 0xFFFE || scalar.value == 0xFFFF: result += "\u{FFFD}"
      default: result.unicodeScalars.append(scalar)
      }
    }
  }
}

#endif
