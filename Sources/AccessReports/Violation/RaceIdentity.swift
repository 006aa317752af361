// SPDX-License-Identifier: Apache-2.0
//
// What makes two violations the same race, and the line that names it. Pure functions of the model.

#if REPORTS && canImport(Glibc)

internal import AccessTerms

/// What makes two reports the same race: the message, the collection's type and label, and the two
/// source places with their operations. Which of the two saw the other, and the frames further out,
/// do not matter.
package enum RaceIdentity {
  /// Message, collection and both places with their lines. Padded, so that the order of texts is
  /// the order of lines.
  package static func exact(_ violation: Violation) -> String { identity(violation, exactPlace) }

  /// The part of ``exact(_:)`` that stands for what was seen of one access, and what it was seen
  /// on.
  package static func exact(_ access: Violation.Access, of violation: Violation) -> String {
    (head(violation) + [party(access, exactPlace)]).joined(separator: "\u{1F}")
  }

  private static func exactPlace(_ frame: Violation.Frame) -> String {
    // Two functions of a stripped program differ in nothing but where they are.
    guard let name = frame.symbol else {
      return "\(fileName(frame)) \(frame.image ?? "?")\(frame.offset.map { "+\($0)" } ?? "")"
    }
    let line = String(frame.line ?? 0)
    let column = String(frame.column ?? 0)
    return "\(fileName(frame)):\(padded(line)):\(padded(column)) \(name)"
  }

  /// The same with functions in place of lines.
  package static func withoutLines(_ violation: Violation) -> String {
    identity(violation) { "\(fileName($0)) \($0.symbol ?? $0.image ?? "?")" }
  }

  private static func identity(_ violation: Violation, _ place: (Violation.Frame) -> String) -> String {
    (head(violation) + violation.accesses.map { party($0, place) }.sorted()).joined(separator: "\u{1F}")
  }

  private static func head(_ violation: Violation) -> [String] {
    [violation.message, violation.container.type, violation.container.label ?? ""]
  }

  private static func party(_ access: Violation.Access, _ place: (Violation.Frame) -> String) -> String {
    "\(access.writing ? "write" : "read") \(access.operation?.rawValue ?? "?") \(access.location.map(place) ?? "?")"
  }

  /// Without its folders, which differ between machines.
  private static func fileName(_ frame: Violation.Frame) -> String {
    frame.file.map { PathNames.display($0, strip: "") } ?? "?"
  }

  private static func padded(_ digits: String) -> String {
    String(repeating: "0", count: max(0, 8 - digits.count)) + digits
  }
}

extension Violation {
  /// One line: what, on what, where and where.
  package var summaryLine: String {
    let label =
      container.label.map { " '\(TextEscaping.printable($0, limit: 80))'" }
      ?? container.declaration.map { " \(TextEscaping.printable($0, limit: 80))" } ?? ""
    let places = accesses.map { access -> String in
      guard let frame = access.location else { return unknownPlace(access) }
      let place = frame.file.flatMap { file in
        frame.line.map { "\(TextEscaping.printable(PathNames.display(file, strip: ""))):\($0)" }
      }
      if place == nil, frame.symbol == nil, let image = frame.image {
        return TextEscaping.printable(image) + (frame.offset.map { "+\($0)" } ?? "")
      }
      return [place, frame.symbol.map { TextEscaping.printable($0) }].compactMap(\.self).joined(separator: " ")
    }
    return "\(TextEscaping.printable(message)) on \(TextEscaping.printable(container.type))\(label): "
      + places.joined(separator: " and ")
  }

  private func unknownPlace(_ access: Access) -> String {
    let operation = access.operation.map { " (\($0.rawValue))" } ?? ""
    return "a \(access.writing ? "write" : "read")\(operation) whose place is not known"
  }
}

#endif
