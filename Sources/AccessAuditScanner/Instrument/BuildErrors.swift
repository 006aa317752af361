// SPDX-License-Identifier: Apache-2.0
//
// The places in a build's output that errors point at. Text only; nothing is run here.

#if Scanner

/// The errors of a build.
package enum BuildErrors {
  /// A line of a file, relative to the package.
  package struct Place: Hashable, Sendable {
    package var path: String
    package var line: Int
  }

  /// The places of errors, and of the notes that belong to them.
  static func places(in output: String, root: String) -> [Place] {
    places(in: output) { SourceFiles.relative(String($0), to: root) }
  }

  /// The same, with each path as `path` gives it; without the places of which it gives none.
  ///
  /// - Complexity: O(*n*) in the length of the output.
  package static func places(in output: String, path: (Substring) -> String?) -> [Place] {
    var places: [Place] = []
    var seen: Set<Place> = []
    var afterError = false
    for line in output.split(whereSeparator: \.isNewline) {
      let isError = line.contains(": error: ")
      if line.contains(": warning: ") { afterError = false }
      guard isError || afterError && line.contains(": note: ") else { continue }
      afterError = true
      let parts = line.split(separator: ":", maxSplits: 3)
      guard parts.count == 4, let number = Int(parts[1]), Int(parts[2]) != nil, let path = path(parts[0]) else {
        continue
      }
      let place = Place(path: path, line: number)
      if seen.insert(place).inserted { places.append(place) }
    }
    return places
  }
}

#endif
