// SPDX-License-Identifier: Apache-2.0
//
// The places in a build's output that errors point at. Text only; nothing is run here.

#if Scanner

/// The errors of a build.
enum BuildErrors {
  /// A line of a file, relative to the package.
  struct Place: Hashable, Sendable {
    var path: String
    var line: Int
  }

  /// The places of errors, and of the notes that belong to them.
  ///
  /// - Complexity: O(*n*) in the length of the output.
  static func places(in output: String, root: String) -> [Place] {
    var places: [Place] = []
    var seen: Set<Place> = []
    var afterError = false
    for line in output.split(whereSeparator: \.isNewline) {
      let isError = line.contains(": error: ")
      if line.contains(": warning: ") { afterError = false }
      guard isError || afterError && line.contains(": note: ") else { continue }
      afterError = true
      let parts = line.split(separator: ":", maxSplits: 3)
      guard parts.count == 4, let number = Int(parts[1]), Int(parts[2]) != nil else { continue }
      let place = Place(path: SourceFiles.relative(String(parts[0]), to: root), line: number)
      if seen.insert(place).inserted { places.append(place) }
    }
    return places
  }
}

#endif
