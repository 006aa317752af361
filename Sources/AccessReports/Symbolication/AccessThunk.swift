// SPDX-License-Identifier: Apache-2.0
//
// Functions that the compiler made between an access and the line of the program that made it.
// Pure functions of a stack's frames.

#if REPORTS && canImport(Glibc)

extension [Violation.Frame] {
  /// Words that the compiler puts before the name of a function whose thunk this is.
  private static var marks: [String] { ["partial apply forwarder for ", "partial apply for ", "merged "] }

  /// What the compiler calls the accessors of a variable.
  private static var accessors: [String] { [".getter", ".setter", ".modify", ".read"] }

  /// The stack with the program's own frames marked as such, and with no other.
  var withFramesOfTheProgram: [Violation.Frame] { withThunkOfTheProgram.withAccessorOfTheWrapper }

  /// The stack with the accessor of an `@Audited` variable as a thunk, where another frame of the
  /// program's own comes after it.
  ///
  /// The compiler makes that accessor, and every access to the variable goes through it: its line
  /// is the declaration's. An accessor that somebody wrote has columns.
  private var withAccessorOfTheWrapper: [Violation.Frame] {
    guard let index = firstIndex(where: { $0.category == .user }), self[index].column ?? 0 == 0,
      let symbol = self[index].symbol, Self.accessors.contains(where: symbol.hasSuffix),
      self[..<index].contains(where: { $0.symbol?.contains("Audited.wrappedValue.") == true }),
      self[(index + 1)...].contains(where: { $0.category == .user && $0.hasProgramLine })
    else { return self }
    var frames = self
    frames[index].category = .thunk
    return frames
  }

  /// The stack with the innermost thunk as the program's own frame, where it has a line and no
  /// frame of the program's own stands before it.
  ///
  /// An optimised build merges a closure into the thunk that calls it: the thunk is then the only
  /// frame with the line of the access. Where the closure was not merged, its own frame comes
  /// first.
  private var withThunkOfTheProgram: [Violation.Frame] {
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
