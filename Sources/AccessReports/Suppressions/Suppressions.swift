// SPDX-License-Identifier: Apache-2.0
//
// The suppressions file: which violations are known and not reported. Read by the detector; no
// content makes it fail.

#if REPORTS && canImport(Glibc)

internal import AccessTerms
internal import Glibc

package struct Suppressions {
  package enum Kind: String {
    /// Any frame of either stack: function, file or image.
    case race
    /// The innermost frame of the program's own code of either stack.
    case raceTop = "race_top"
    /// The collection's label.
    case dictionary
  }

  package struct Rule {
    package let kind: Kind
    package let text: String
    package let pattern: SuppressionPattern
    /// `FILE:LINE`, or that the program made the rule.
    package let place: String

    package init(kind: Kind, text: String, pattern: SuppressionPattern, place: String) {
      self.kind = kind
      self.text = text
      self.pattern = pattern
      self.place = place
    }
  }

  package private(set) var rules: [Rule] = []
  package private(set) var warnings: [String] = []
  /// Warnings made of one file; what comes after is counted.
  static let warningLimit = 20

  /// The longest file that is read, in bytes.
  private static let sizeLimit = 1 << 20
  /// The types that ThreadSanitizer has beside ours: lines of these are skipped, so that one file
  /// serves both.
  private static var foreignTypes: [String] { ["mutex", "thread", "signal", "called_from_lib", "deadlock"] }

  package init() {}

  /// Parses the lines of a file: `type:pattern`, comments behind `#`.
  package init(text: String, path: String) {
    var unsaid = 0
    // At each line feed byte: a carriage return before it makes one Character of the two, which is
    // no "\n".
    for (index, bytes) in text.utf8.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false).enumerated()
    {
      let line = Self.trimmed(Substring(bytes))
      if line.isEmpty || line.hasPrefix("#") { continue }
      let place = "\(TextEscaping.printable(path)):\(index + 1)"
      guard let colon = line.firstIndex(of: ":"), line.index(after: colon) < line.endIndex else {
        warn("'\(TextEscaping.printable(line, limit: 80))' is not of the form type:pattern; skipped", place, &unsaid)
        continue
      }
      let type = String(line[..<colon])
      let pattern = Self.trimmed(line[line.index(after: colon)...])
      if let kind = Kind(rawValue: type) {
        rules.append(Rule(kind: kind, text: line, pattern: SuppressionPattern(pattern), place: place))
      } else {
        let reason = Self.foreignTypes.contains(type) ? "is not for this tool" : "is unknown"
        warn("type '\(TextEscaping.printable(type, limit: 40))' \(reason); skipped", place, &unsaid)
      }
    }
    if unsaid > 0 { warnings.append("\(TextEscaping.printable(path)): \(unsaid) more lines are skipped") }
  }

  private mutating func warn(_ message: String, _ place: String, _ unsaid: inout Int) {
    if warnings.count < Self.warningLimit { warnings.append("\(place): \(message)") } else { unsaid += 1 }
  }

  /// Reads the file at `path`, tried as it is and then beside the executable; `warnings` says what
  /// cannot be used.
  package static func load(_ path: String, executable: String) -> Suppressions {
    guard !path.isEmpty else { return Suppressions() }
    let folder = executable.split(separator: "/").dropLast().joined(separator: "/")
    let candidates = path.hasPrefix("/") ? [path] : [path, "/\(folder)/\(path)"]
    var reason: Int32 = 0
    for candidate in candidates {
      switch contents(candidate) {
      case .success(let text):
        return Suppressions(text: text, path: candidate)
      case .failure(let failure): reason = reason == 0 ? failure.code : reason
      }
    }
    let text = String(cString: strerror(reason))
    var none = Suppressions()
    none.warnings = [
      "cannot read the suppressions file '\(TextEscaping.printable(path))': \(text); nothing is suppressed"
    ]
    return none
  }

  /// The first rule that matches, of the file's and then of the others.
  package func rule(matching violation: Violation, or others: [Rule] = []) -> Rule? {
    (rules + others).first { Self.matches($0, violation) }
  }

  private static func matches(_ rule: Rule, _ violation: Violation) -> Bool {
    func matches(_ frame: Violation.Frame) -> Bool {
      [frame.symbol, frame.file, frame.image].contains { $0.map(rule.pattern.matches) ?? false }
    }
    switch rule.kind {
    case .dictionary: return violation.container.label.map(rule.pattern.matches) ?? false
    case .race: return violation.accesses.contains { $0.stack.contains(where: matches) }
    case .raceTop: return violation.accesses.contains { $0.location.map(matches) ?? false }
    }
  }

  private static func trimmed(_ text: Substring) -> String {
    let spaces: Set<Character> = [" ", "\t", "\r"]
    let start = text.drop { spaces.contains($0) }
    guard let last = start.lastIndex(where: { !spaces.contains($0) }) else { return "" }
    return String(start[...last])
  }

  private static func trimmed(_ text: String) -> String { trimmed(text[...]) }

  private struct Failure: Error { let code: Int32 }

  private static func contents(_ path: String) -> Result<String, Failure> {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { return .failure(Failure(code: errno)) }
    defer { close(descriptor) }
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 65_536)
    while bytes.count < sizeLimit {
      let count = read(descriptor, &buffer, buffer.count)
      if count < 0 { return .failure(Failure(code: errno)) }
      if count == 0 { break }
      bytes += buffer[..<count]
    }
    return .success(String(decoding: bytes.prefix(sizeLimit), as: UTF8.self))
  }
}

#endif
