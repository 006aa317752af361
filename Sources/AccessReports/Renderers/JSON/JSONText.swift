// SPDX-License-Identifier: Apache-2.0
//
// Writing JSON text. The engine is part of every audited program, and FoundationEssentials would
// add two milliseconds to its start; `RenderingTests` reads the text back with Foundation's
// decoder.

#if REPORTS && canImport(Glibc)

/// A JSON value whose objects keep the order of their keys.
package indirect enum JSONValue {
  case null
  case bool(Bool)
  case integer(Int64)
  case unsigned(UInt64)
  case string(String)
  case array([JSONValue])
  case object([(String, JSONValue)])

  package init(_ value: String?) { self = value.map { .string($0) } ?? .null }
  package init(_ value: Int?) { self = value.map { .integer(Int64($0)) } ?? .null }

  /// The value as indented text without a final line feed.
  package func text(indentation: Int = 0) -> String {
    let outer = String(repeating: " ", count: indentation)
    let inner = outer + "  "
    switch self {
    case .null: return "null"
    case .bool(let value): return value ? "true" : "false"
    case .integer(let value): return String(value)
    case .unsigned(let value): return String(value)
    case .string(let value): return Self.quoted(value)
    case .array(let values):
      if values.isEmpty { return "[]" }
      let lines = values.map { inner + $0.text(indentation: indentation + 2) }
      return "[\n" + lines.joined(separator: ",\n") + "\n\(outer)]"
    case .object(let members):
      // Absent and null mean the same to a reader; absent is shorter.
      let present = members.filter { if case .null = $0.1 { false } else { true } }
      if present.isEmpty { return "{}" }
      let lines = present.map { "\(inner)\(Self.quoted($0.0)): \($0.1.text(indentation: indentation + 2))" }
      return "{\n" + lines.joined(separator: ",\n") + "\n\(outer)}"
    }
  }

  /// The value as text without a line feed or a space.
  package func line() -> String {
    switch self {
    case .array(let values): return "[\(values.map { $0.line() }.joined(separator: ","))]"
    case .object(let members):
      let present = members.filter { if case .null = $0.1 { false } else { true } }
      return "{\(present.map { "\(Self.quoted($0.0)):\($0.1.line())" }.joined(separator: ","))}"
    default: return text()
    }
  }

  /// RFC 8259, section 7; also escapes DEL and the line separators that JavaScript would take for
  /// line ends.
  package static func quoted(_ text: String) -> String {
    var result = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"": result += "\\\""
      case "\\": result += "\\\\"
      case "\n": result += "\\n"
      case "\r": result += "\\r"
      case "\t": result += "\\t"
      case _
      where scalar.value < 0x20 || (0x7F...0x9F).contains(scalar.value) || scalar.value == 0x2028
        || scalar.value == 0x2029:
        let digits = String(scalar.value, radix: 16)
        result += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result + "\""
  }
}

#endif
