// SPDX-License-Identifier: Apache-2.0
//
// Thunks that a program's function was merged into. Pure functions of a stack's frames.

#if REPORTS && canImport(Glibc)

extension [Violation.Frame] {
  /// Words that the compiler puts before the name of a function whose thunk this is.
  private static var marks: [String] { ["partial apply forwarder for ", "partial apply for ", "merged "] }

  /// The stack with the innermost thunk as the program's own frame, where it has a line and no
  /// frame of the program's own stands before it.
  ///
  /// An optimised build merges a closure into the thunk that calls it: the thunk is then the only
  /// frame with the line of the access. Where the closure was not merged, its own frame comes
  /// first.
  var withThunkOfTheProgram: [Violation.Frame] {
    guard let index = firstIndex(where: { $0.category == .user || ($0.category == .thunk && $0.hasProgramLine) }),
      self[index].category == .thunk
    else { return self }
    var frames = self
    frames[index].category = .user
    if let symbol = frames[index].symbol, let mark = Self.marks.first(where: symbol.hasPrefix) {
      frames[index].symbol = String(symbol.dropFirst(mark.count))
    }
    return frames
  }
}

extension Violation.Frame {
  fileprivate var hasProgramLine: Bool {
    guard let file, let line, line > 0 else { return false }
    return !file.hasSuffix("<compiler-generated>") && !FrameCategories.isOwn(file)
  }
}

#endif
