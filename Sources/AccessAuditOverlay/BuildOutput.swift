// SPDX-License-Identifier: Apache-2.0
//
// What a build says: the places of its errors, and its progress. Text only.

#if Scanner && canImport(Glibc)

package import AccessAuditScanner

package enum BuildOutput {
  /// The places of errors in files below `root`, and of the notes that belong to them.
  package static func errors(in output: String, root: String) -> [BuildErrors.Place] {
    let folder = root + "/"
    return BuildErrors.places(in: output) { $0.hasPrefix(folder) ? String($0.dropFirst(folder.count)) : nil }
  }

  /// The lines to show of a build that failed: the errors with what belongs to them, or the end.
  package static func excerpt(_ output: String, limit: Int = 40) -> [String] {
    let lines = output.split(whereSeparator: { $0.isNewline }).map(String.init)
    var seen: Set<String> = []
    let errors = lines.filter { $0.contains("error: ") && seen.insert($0).inserted }
    return Array(errors.isEmpty ? lines.suffix(limit) : errors.prefix(limit))
  }

  /// Whether the line tells how far the build is: `[12/345] Compiling …`.
  package static func isProgress(_ line: some StringProtocol) -> Bool {
    line.hasPrefix("[") && Substring(line).prefixMatch(of: #/\[\d+/\d+\] /#) != nil
  }
}

#endif
