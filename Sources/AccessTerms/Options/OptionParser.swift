// SPDX-License-Identifier: Apache-2.0
//
// From the text of the environment variable to a configuration and warnings. Pure: nothing here
// prints or has effects, and no text makes it fail.

#if REPORTS && canImport(Glibc)

/// Whether an option can be used, for those who refuse what cannot.
package enum OptionCheck {
  /// Why an option cannot have the value, or that there is none of this name; `nil` when it can.
  package static func fault(of name: String, value: String) -> String? {
    guard name != OptionTable.helpName else { return nil }
    guard let option = OptionTable.options.first(where: { $0.name == name }) else {
      return OptionParser.unknown(name)
    }
    var configuration = AuditConfiguration()
    return option.apply(value, &configuration).map { "\(name)='\(OptionParser.printable(value))' \($0)" }
  }
}

/// What a text of options means.
struct ParsedOptions: Sendable {
  var configuration: AuditConfiguration
  var warnings: [String] = []
  var asksForHelp = false
}

enum OptionParser {
  /// Texts longer than this are cut, with a warning.
  static let lengthLimit = 65_536
  /// Warnings made of one text; what comes after is counted.
  static let warningLimit = 20

  /// Parses `key=value` pairs separated by spaces, commas or colons; quotes protect separators in a
  /// value.
  ///
  /// - Complexity: O(n) in the text's length, times the number of options.
  static func parse(_ text: String) -> ParsedOptions {
    var parsed = ParsedOptions(configuration: AuditConfiguration())
    var text = text[...]
    if text.utf8.count > lengthLimit {
      parsed.warnings.append("ACCESS_AUDIT is longer than \(lengthLimit) bytes; the rest is ignored")
      text = text.prefix(lengthLimit)
    }
    var unsaid = 0
    for field in fields(text, warnings: &parsed.warnings) {
      // Not even looked up when it cannot be said: finding the closest name takes microseconds a
      // field.
      let isFull = parsed.warnings.count >= warningLimit
      if !apply(field, to: &parsed, explaining: !isFull) && isFull { unsaid += 1 }
    }
    if unsaid > 0 { parsed.warnings.append("ACCESS_AUDIT: \(unsaid) more of its fields are ignored") }
    return parsed
  }

  /// Puts one field into the configuration; `false`, and a warning if it is to be explained, when
  /// it cannot be used.
  private static func apply(_ field: String, to parsed: inout ParsedOptions, explaining: Bool) -> Bool {
    func refuse(_ reason: @autoclosure () -> String) -> Bool {
      if explaining { parsed.warnings.append("ACCESS_AUDIT: \(reason())") }
      return false
    }
    guard let equals = field.firstIndex(of: "=") else {
      switch field {
      case "1", "on": parsed.configuration.isEnabled = true
      case "0", "off": parsed.configuration.isEnabled = false
      default: return refuse("'\(printable(field))' is not of the form key=value\(hint(field))")
      }
      return true
    }
    let name = String(field[..<equals])
    let value = String(field[field.index(after: equals)...])
    if name == OptionTable.helpName {
      parsed.asksForHelp = value != "0"
      return true
    }
    guard let option = OptionTable.options.first(where: { $0.name == name }) else {
      return refuse(unknown(name))
    }
    guard let reason = option.apply(value, &parsed.configuration) else { return true }
    let current = option.show(parsed.configuration)
    return refuse(
      "\(name)='\(printable(value))' is ignored: it \(reason); "
        + (current.isEmpty ? "it stays unset" : "\(current) stays"))
  }

  /// Splits at separators outside quotes, and drops the quotes.
  private static func fields(_ text: Substring, warnings: inout [String]) -> [String] {
    var fields: [String] = []
    var field = ""
    var isInField = false
    var quote: Character?
    for character in text {
      if let open = quote {
        if character == open { quote = nil } else { field.append(character) }
      } else if character == "'" || character == "\"" {
        quote = character
        isInField = true
      } else if character == " " || character == "," || character == ":" || character.isNewline || character == "\t" {
        if isInField { fields.append(field) }
        (field, isInField) = ("", false)
      } else {
        field.append(character)
        isInField = true
      }
    }
    if quote != nil { warnings.append("ACCESS_AUDIT: a quote is not closed; the value ends with the text") }
    if isInField { fields.append(field) }
    return fields
  }

  private static func hint(_ name: String) -> String {
    guard let closest = ClosestName.to(name, among: OptionTable.names) else { return "; help=1 lists the options" }
    return "; did you mean '\(closest)'?"
  }

  static func unknown(_ name: String) -> String { "unknown option '\(printable(name))'\(hint(name))" }

  static func printable(_ text: String) -> String { TextEscaping.printable(text, limit: 80) }
}

/// The closest of several names by edit distance.
enum ClosestName {
  /// The name with the smallest Levenshtein distance, if that is at most half of the longer length.
  ///
  /// - Complexity: O(n·m) for each name; the given text is cut at 64 characters.
  static func to(_ text: String, among names: [String]) -> String? {
    let text = Array(text.lowercased().prefix(64))
    let best = names.map { ($0, distance(text, Array($0))) }.min { $0.1 < $1.1 }
    guard let best, best.1 <= max(text.count, best.0.count) / 2 else { return nil }
    return best.0
  }

  private static func distance(_ left: [Character], _ right: [Character]) -> Int {
    var row = Array(0...right.count)
    for (i, a) in left.enumerated() {
      var diagonal = row[0]
      row[0] = i + 1
      for (j, b) in right.enumerated() {
        let substituted = diagonal + (a == b ? 0 : 1)
        diagonal = row[j + 1]
        row[j + 1] = min(substituted, row[j] + 1, diagonal + 1)
      }
    }
    return row[right.count]
  }
}

#endif
