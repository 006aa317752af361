// SPDX-License-Identifier: Apache-2.0
//
// What the audited processes of a run left at their end, added up. Reads one file.

#if REPORTS && canImport(Glibc)

internal import AccessReports
internal import FoundationEssentials

/// The lines that the option `exit_summary` adds to a file.
package struct AuditedProcesses {
  private struct Line: Decodable {
    var accesses: UInt64
    var collections: UInt64
    var threads: UInt64
    var suspects: Int
    var isLowerBound: Bool
  }

  private var lines: [Line] = []

  /// Reads the file, but for its first bytes, which an earlier run has left.
  package init(path: String, skipping count: Int = 0) {
    guard let data = FileManager.default.contents(atPath: path) else { return }
    lines = data.dropFirst(count).split(separator: UInt8(ascii: "\n")).compactMap {
      try? JSONDecoder().decode(Line.self, from: Data($0))
    }
  }

  package var isEmpty: Bool { lines.isEmpty }

  /// `1,234 accesses to 3 collections by 2 threads`, of all processes.
  package var description: String {
    let accesses = lines.reduce(0) { $0 &+ $1.accesses }
    let suspects = lines.reduce(0) { $0 + $1.suspects }
    let isLowerBound = lines.contains { $0.isLowerBound }
    return
      "\(isLowerBound ? "at least " : "")\(Sentences.counted(accesses, "access", plural: "accesses")) to "
      + Sentences.counted(lines.reduce(0) { $0 &+ $1.collections }, "collection") + " by "
      + Sentences.counted(lines.reduce(0) { $0 &+ $1.threads }, "thread")
      + (lines.count > 1 ? " in \(lines.count) processes" : "")
      + (suspects > 0 ? " (\(Sentences.counted(UInt64(suspects), "suspect")))" : "")
  }
}
#endif
