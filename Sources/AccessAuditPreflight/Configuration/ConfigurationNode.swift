// SPDX-License-Identifier: Apache-2.0
//
// Reading values of the configuration file, with the line of what is wrong. Nothing here knows a
// key.

#if Scanner && canImport(Glibc)

internal import AccessAuditScanner
internal import Yams

/// A value of the file, its name, and where it stands.
struct ConfigurationNode {
  let node: Node
  let name: String
  let path: String
  let line: Int

  func error(_ message: String) -> ConfigurationError { ConfigurationError(path: path, line: line, message: message) }

  /// The members of a mapping, whose keys must be known.
  func members(_ known: [String]) throws -> [ConfigurationNode] {
    guard let mapping = node.mapping else { throw error("'\(name)' must be a mapping") }
    return try mapping.map { key, value in
      let line = key.mark?.line ?? line
      guard let text = key.string, known.contains(text) else {
        throw ConfigurationError(
          path: path, line: line,
          message:
            "unknown key '\(key.string ?? "?")' in '\(name)'; known are: \(known.sorted().joined(separator: ", "))")
      }
      return ConfigurationNode(node: value, name: text, path: path, line: line)
    }
  }

  func string() throws -> String {
    guard let text = node.scalar?.string, !text.isEmpty else { throw error("'\(name)' must be a text") }
    return text
  }

  /// A list of texts, or one.
  func strings() throws -> [String] {
    if node.scalar != nil { return [try string()] }
    guard let sequence = node.sequence else { throw error("'\(name)' must be a list of texts") }
    return try sequence.map { item in
      guard let text = item.scalar?.string else { throw error("'\(name)' must be a list of texts") }
      return text
    }
  }

  /// A program with its arguments: a list of words, or a line for the shell.
  func command() throws -> [String] {
    if node.scalar != nil { return ["/bin/sh", "-c", try string()] }
    let words = try strings()
    guard !words.isEmpty else { throw error("'\(name)' must name a program") }
    return words
  }

  func variables() throws -> [String: String] {
    guard let mapping = node.mapping else { throw error("'\(name)' must be a mapping of texts") }
    var result: [String: String] = [:]
    for (key, value) in mapping {
      guard let key = key.string, let value = value.scalar?.string else {
        throw error("'\(name)' must be a mapping of texts")
      }
      result[key] = value
    }
    return result
  }

  func number(_ range: ClosedRange<Double>) throws -> Double {
    guard let text = node.scalar?.string, let number = Double(text), range.contains(number) else {
      throw error("'\(name)' must be a number between \(Int(range.lowerBound)) and \(Int(range.upperBound))")
    }
    return number
  }

  func integer(_ range: ClosedRange<Int>) throws -> Int {
    guard let text = node.scalar?.string, let number = Int(text), range.contains(number) else {
      throw error("'\(name)' must be a whole number between \(range.lowerBound) and \(range.upperBound)")
    }
    return number
  }

  func boolean() throws -> Bool {
    switch node.scalar?.string.lowercased() {
    case "true", "yes", "on": return true
    case "false", "no", "off": return false
    default: throw error("'\(name)' must be true or false")
    }
  }

  func choice<Value: RawRepresentable & CaseIterable>(_: Value.Type) throws -> Value where Value.RawValue == String {
    let text = node.scalar?.string ?? ""
    guard let value = Value(rawValue: text) else {
      let known = Value.allCases.map(\.rawValue).joined(separator: ", ")
      throw error("'\(name)' must be one of: \(known); not '\(text)'")
    }
    return value
  }

  /// An address that holds no secret.
  func url() throws -> String {
    let text = try string()
    guard text.hasPrefix("http://") || text.hasPrefix("https://") else {
      throw error("'\(name)' must be an address that begins with http:// or https://")
    }
    let authority = text.drop { $0 != "/" }.dropFirst(2).prefix { $0 != "/" }
    guard !authority.contains("@") else {
      throw error("'\(name)' holds a user or a password; secrets belong in the environment")
    }
    return text
  }
}

#endif
