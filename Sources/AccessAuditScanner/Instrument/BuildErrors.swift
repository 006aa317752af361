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
    // The compiler shows the notes of an error's own file in an excerpt below it.
    var excerpt: (path: String, line: Int?)?
    for line in output.split(whereSeparator: \.isNewline) {
      if let shown = excerpt, let part = ExcerptLine(line) {
        switch part {
        case .source(let number): excerpt?.line = number
        case .note:
          if let number = shown.line {
            let place = Place(path: shown.path, line: number)
            if seen.insert(place).inserted { places.append(place) }
          }
        case .other: break
        }
        continue
      }
      let isError = line.contains(": error: ")
      if line.contains(": warning: ") { (afterError, excerpt) = (false, nil) }
      guard isError || afterError && line.contains(": note: ") else { continue }
      afterError = true
      let parts = line.split(separator: ":", maxSplits: 3)
      guard parts.count == 4, let number = Int(parts[1]), Int(parts[2]) != nil, let path = path(parts[0]) else {
        continue
      }
      let place = Place(path: path, line: number)
      excerpt = (path, nil)
      if seen.insert(place).inserted { places.append(place) }
    }
    return places
  }

  /// A line of the excerpt that the compiler shows below an error.
  private enum ExcerptLine {
    /// ` 12 |   var names: [Int]`.
    case source(Int)
    /// A note on the source line above it.
    case note
    case other

    /// Nothing when the line is no part of an excerpt.
    init?(_ line: Substring) {
      let text = line.drop { $0 == " " }
      if text.hasPrefix("|") {
        let rest = text.dropFirst().drop { $0 == " " || $0 == "|" }
        self = rest.hasPrefix("`- note: ") || rest.hasPrefix("|- note: ") || rest.hasPrefix("- note: ") ? .note : .other
        return
      }
      let digits = text.prefix { $0.isNumber }
      guard let number = Int(digits), text.dropFirst(digits.count).hasPrefix(" |") else { return nil }
      self = .source(number)
    }
  }
}

#endif
