// SPDX-License-Identifier: Apache-2.0
//
// What a build says: the places of its errors, and its progress. Text only.

#if Scanner && canImport(Glibc)

package enum BuildOutput {
  /// A line of a file of the overlay.
  package struct Place: Hashable, Sendable {
    package var path: String
    package var line: Int
  }

  /// The places of errors in files below `root`, and of the notes that belong to them.
  ///
  /// - Complexity: O(*n*).
  package static func errors(in output: String, root: String) -> [Place] {
    var places: [Place] = []
    var seen: Set<Place> = []
    var isAfterError = false
    for line in output.split(whereSeparator: { $0.isNewline }) {
      let isError = line.contains(": error: ")
      if line.contains(": warning: ") { isAfterError = false }
      guard isError || isAfterError && line.contains(": note: ") else { continue }
      isAfterError = true
      let parts = line.split(separator: ":", maxSplits: 3)
      guard parts.count == 4, let number = Int(parts[1]), Int(parts[2]) != nil, parts[0].hasPrefix(root + "/") else {
        continue
      }
      let place = Place(path: String(parts[0].dropFirst(root.utf8.count + 1)), line: number)
      if seen.insert(place).inserted { places.append(place) }
    }
    return places
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
