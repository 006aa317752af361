// SPDX-License-Identifier: Apache-2.0
//
// The text that a metrics endpoint answers with (Prometheus's exposition format, 0.0.4, and
// OpenMetrics as far as series go), and the series that must be in it. Pure.

#if Scanner && canImport(Glibc)

/// The series of an endpoint.
struct Exposition {
  struct Series: Equatable {
    var name: String
    var labels: [String: String]
  }

  private(set) var series: [Series] = []
  /// The number of the first line that is no series.
  private(set) var firstBadLine: Int?

  init(_ text: String) {
    for (index, line) in text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline).enumerated() {
      let content = line.drop { $0 == " " || $0 == "\t" }
      if content.isEmpty || content.hasPrefix("#") { continue }
      if let found = Self.series(content) { series.append(found) } else { firstBadLine = firstBadLine ?? index + 1 }
    }
  }

  /// `name{label="value"} 1.5 1700000000`.
  private static func series(_ line: Substring) -> Series? {
    var scanner = SeriesScanner(line)
    guard let name = scanner.name(), let labels = scanner.labels() else { return nil }
    let fields = scanner.rest.split(separator: " ")
    guard let value = fields.first, Double(value) != nil || ["+Inf", "-Inf", "NaN"].contains(String(value)) else {
      return nil
    }
    return Series(name: name, labels: labels)
  }

  func contains(_ pattern: SeriesPattern) -> Bool {
    series.contains { series in
      series.name == pattern.name && pattern.labels.allSatisfy { series.labels[$0.key] == $0.value }
    }
  }
}

/// A series that must be there: a name, and labels that it must have.
package struct SeriesPattern: Sendable, Equatable {
  package let name: String
  package let labels: [String: String]

  /// Reads `name` or `name{label="value"}`.
  package init?(_ text: String) {
    var scanner = SeriesScanner(Substring(text))
    guard let name = scanner.name(), let labels = scanner.labels(), scanner.rest.isEmpty else { return nil }
    self.name = name
    self.labels = labels
  }
}

/// Reads names and labels from the start of a text.
private struct SeriesScanner {
  var rest: Substring

  init(_ text: Substring) { rest = text }

  mutating func name() -> String? {
    let name = rest.prefix { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "_" || $0 == ":") }
    guard let first = name.first, !first.isNumber else { return nil }
    rest = rest.dropFirst(name.count)
    return String(name)
  }

  /// The labels in braces, which may be absent; `nil` when they are not valid.
  mutating func labels() -> [String: String]? {
    guard rest.first == "{" else { return [:] }
    rest = rest.dropFirst()
    var labels: [String: String] = [:]
    while true {
      skip(" ,")
      if rest.first == "}" {
        rest = rest.dropFirst()
        return labels
      }
      guard let name = name() else { return nil }
      skip(" ")
      guard rest.first == "=" else { return nil }
      rest = rest.dropFirst()
      skip(" ")
      guard let value = quoted() else { return nil }
      labels[name] = value
    }
  }

  private mutating func skip(_ characters: String) { rest = rest.drop { characters.contains($0) } }

  private mutating func quoted() -> String? {
    guard rest.first == "\"" else { return nil }
    rest = rest.dropFirst()
    var value = ""
    while let character = rest.popFirst() {
      if character == "\"" { return value }
      guard character == "\\" else {
        value.append(character)
        continue
      }
      guard let escaped = rest.popFirst() else { return nil }
      value.append(escaped == "n" ? "\n" : escaped)
    }
    return nil
  }
}

#endif
