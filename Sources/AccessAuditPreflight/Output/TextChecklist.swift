// SPDX-License-Identifier: Apache-2.0
//
// The checklist as text, for terminals and logs.

#if Scanner && canImport(Glibc)

internal import AccessTerms

package enum TextChecklist {
  /// Failed checks and warnings of a stage that are shown.
  private static let limit = 10

  static func render(_ result: PreflightResult) -> String {
    var lines = ["Preflight of \(TextEscaping.printable(result.name)): \(result.isReady ? "ready" : "not ready")"]
    for stage in result.stages { lines += self.lines(stage) }
    lines.append(
      result.isReady
        ? "ready after \(time(result.seconds))"
        : "not ready after \(time(result.seconds)): status \(result.exitStatus)")
    return lines.joined(separator: "\n") + "\n"
  }

  private static func lines(_ stage: StageResult) -> [String] {
    let mark =
      switch stage.verdict {
      case .passed: "[x]"
      case .failed: "[ ]"
      case .skipped: "[-]"
      }
    let name = padded(stage.stage.rawValue, 14)
    let time = stage.verdict == .skipped ? "" : " (\(time(stage.seconds)))"
    let verdict = stage.verdict == .failed ? "FAILED" : stage.verdict == .passed ? "ok" : "skipped"
    var lines = ["\(mark) \(name)\(verdict)\(time)"]
    let shown =
      stage.verdict == .failed
      ? stage.failed + stage.warnings : stage.checks.filter { $0.outcome != .warning } + stage.warnings
    for check in shown.prefix(limit) {
      let text = check.detail.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
      let sign = check.outcome == .failed ? "x" : check.outcome == .warning ? "!" : check.outcome == .passed ? "+" : "-"
      lines.append("      \(sign) \(TextEscaping.printable(text[0]))")
      // The bar keeps a server for builds from taking a line for one of its commands.
      lines += text.dropFirst().map { "        | \(TextEscaping.printable($0))" }
      if check.outcome == .failed || check.outcome == .warning, let next = check.next {
        lines.append("        next: \(TextEscaping.printable(next))")
      }
    }
    if shown.count > limit { lines.append("      and \(shown.count - limit) more: --format json has all") }
    if stage.verdict == .failed { lines.append("      again: \(TextEscaping.printable(stage.command))") }
    return lines
  }

  private static func padded(_ text: String, _ width: Int) -> String {
    text + String(repeating: " ", count: max(1, width - text.count))
  }

  /// `0.4 s`, `75 s`.
  package static func time(_ seconds: Double) -> String {
    seconds < 10 ? "\(Double(Int(seconds * 10)) / 10) s" : "\(Int(seconds)) s"
  }
}

#endif
