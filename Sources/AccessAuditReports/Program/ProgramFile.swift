// SPDX-License-Identifier: Apache-2.0
//
// What a program's file says of itself before it is started: whether it holds the audit, and what
// reports will be able to say of it. Reads the file; judges nothing.

#if REPORTS && canImport(Glibc)

internal import AccessReports
package import FoundationEssentials
internal import Glibc

/// An executable file.
package struct ProgramFile {
  /// Whether the program is audited when it runs.
  package enum Audit: Sendable {
    case compiledIn
    /// A release build without the trait `AuditInRelease`.
    case compiledOut
    /// It is not built with this package, or only a library of it is.
    case absent
    /// A script, or a file that cannot be read.
    case unknown
  }

  package var path: String
  package var audit: Audit
  package var buildID: String?

  private static let noteOwner = "AccessAudit"

  /// Finds the program as the shell would.
  package init(named name: String) {
    path = Self.path(of: name)
    audit = .unknown
    guard let bytes = try? Data(contentsOf: URL(fileURLWithPath: path), options: .alwaysMapped),
      let notes = ELFNotes(bytes)
    else { return }
    audit = .absent
    for note in notes.all {
      if note.owner == Self.noteOwner { audit = note.description.first == 1 ? .compiledIn : .compiledOut }
      if note.owner == "GNU", note.type == 3 {
        buildID = note.description.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
      }
    }
  }

  private static func path(of name: String) -> String {
    if name.contains("/") { return name }
    let folders = (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":").map(String.init)
    return folders.map { "\($0)/\(name)" }.first { access($0, X_OK) == 0 } ?? name
  }

  /// What to say before it is started; `nil` when all is well, or cannot be told.
  package var warning: String? {
    switch audit {
    case .compiledIn, .unknown: nil
    case .compiledOut:
      "auditing is compiled out of \(path), a release build: build it in debug, or with the package trait AuditInRelease"
    case .absent:
      "\(path) holds no audit: it is built without AuditedCollections, so only processes that it starts can be audited"
    }
  }
}

/// The notes of a 64-bit ELF file, by its program headers, which stripping leaves there.
package struct ELFNotes {
  package struct Note {
    package var owner: String
    package var type: UInt32
    package var description: [UInt8]
  }

  package private(set) var all: [Note] = []

  /// `nil` when the bytes are no such file.
  package init?(_ bytes: Data) {
    func number(_ offset: Int, _ size: Int) -> Int? {
      guard offset >= 0, offset <= bytes.count - size else { return nil }
      return (0..<size).reversed().reduce(0) { $0 << 8 | Int(bytes[offset + $1]) }
    }
    guard bytes.prefix(6) == Data([0x7F, 0x45, 0x4C, 0x46, 2, 1]), let table = number(32, 7),
      let size = number(54, 2),
      let count = number(56, 2)
    else { return nil }
    for header in (0..<count).map({ table + $0 * size }) where number(header, 4) == 4 {
      guard let begin = number(header + 8, 7), let length = number(header + 32, 7), begin + length <= bytes.count
      else { continue }
      let alignment = number(header + 48, 7) == 8 ? 8 : 4
      func aligned(_ offset: Int) -> Int { (offset + alignment - 1) / alignment * alignment }
      var offset = begin
      while offset + 12 <= begin + length, let nameSize = number(offset, 4),
        let descriptionSize = number(offset + 4, 4),
        let type = number(offset + 8, 4)
      {
        let name = offset + 12
        let description = begin + aligned(name + nameSize - begin)
        guard description + descriptionSize <= begin + length else { break }
        all.append(
          Note(
            owner: String(decoding: bytes[name..<(name + nameSize)].prefix { $0 != 0 }, as: UTF8.self),
            type: UInt32(truncatingIfNeeded: type),
            description: Array(bytes[description..<(description + descriptionSize)])))
        offset = begin + aligned(description + descriptionSize - begin)
      }
    }
  }
}
#endif
