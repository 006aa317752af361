// SPDX-License-Identifier: Apache-2.0
//
// Which frames are the program's own, and how names are shortened. Pure functions of what
// symbolication found.

#if REPORTS && canImport(Glibc)

enum FrameCategories {
  /// The folder that this package's targets lie in, as the debug information has it.
  private static let sources: String = {
    let parts = #filePath.split(separator: "/", omittingEmptySubsequences: false)
    return parts.dropLast(3).joined(separator: "/") + "/"
  }()
  /// The targets whose frames stand between the program and its collection.
  private static let ownTargets = [
    "AccessAudit/", "AccessAuditInterleaving/", "AccessAuditTesting/", "AccessDetector/", "AccessRecorder/",
    "AccessReports/", "AccessTerms/", "AccessWindows/", "AuditedCollections/", "CAccessRecorder/",
  ]

  static func category(
    rawName: String?, name: String?, file: String?, line: Int?, image: String?, isThunk: Bool, isSystem: Bool
  ) -> Violation.Frame.Category {
    if let file, isOwn(file) { return .audit }
    if line == nil, let rawName, isOwnModule(rawName) { return .audit }
    if isThunk || isWitness(name) { return .thunk }
    // The toolchain takes a function without a line for the system's; start-up code has no Swift
    // name.
    if isSystem, rawName?.hasPrefix("$s") != true { return .system }
    if let image, isSystemImage(image) { return .system }
    if let rawName, isStandardLibrary(rawName) { return .system }
    return .user
  }

  static func isOwn(_ file: String) -> Bool {
    // C sources are compiled with paths relative to the package.
    let prefixes = [sources, "Sources/"]
    guard let prefix = prefixes.first(where: file.hasPrefix) else { return false }
    let rest = file.dropFirst(prefix.count)
    return ownTargets.contains { rest.hasPrefix($0) }
  }

  /// Accessors that the compiler completed around this package's: their debug information names no
  /// line of it.
  private static func isOwnModule(_ rawName: String) -> Bool {
    rawName.hasPrefix("$s18AuditedCollections") || rawName.hasPrefix("$s13AccessWindows")
      || rawName.hasPrefix("$s14AccessRecorder") || rawName.hasPrefix("$s14AccessDetector")
      || rawName.hasPrefix("$s11AccessAudit")
  }

  /// Functions the compiler made around a user's: they name the type they serve and have no code of
  /// their own.
  private static func isWitness(_ name: String?) -> Bool {
    guard var name = name?[...] else { return false }
    if name.hasPrefix("specialized ") { name = name.dropFirst("specialized ".count) }
    return name.hasPrefix("protocol witness for ") || name.hasPrefix("partial apply for ")
      || name.hasPrefix("reabstraction thunk ") || name.hasPrefix("thunk for ") || name.hasPrefix("outlined ")
      || name.hasPrefix("merged ")
  }

  static func isSystemImage(_ image: String) -> Bool {
    image.hasPrefix("libswift") || image.hasPrefix("libFoundation") || image.hasPrefix("lib_Foundation")
      || image.hasPrefix("libdispatch") || image.hasPrefix("libc.so") || image.hasPrefix("libpthread")
      || image.hasPrefix("ld-linux") || image.hasPrefix("libTesting") || image.hasPrefix("libXCTest")
      || image.hasPrefix("lib_Testing") || image.hasPrefix("libBlocksRuntime") || image.hasPrefix("libunwind")
  }

  /// Specialised or statically linked code of the standard library: the mangling abbreviates its
  /// module to one letter.
  private static func isStandardLibrary(_ rawName: String) -> Bool {
    rawName.hasPrefix("$ss") || rawName.hasPrefix("$sS")
  }
}

enum SymbolNames {
  static let lengthLimit = 160
  /// What the compiler's names of the parts of an async function say before the function's own
  /// name.
  private static let partMarks = ["await resume partial function for ", "suspend resume partial function for "]

  /// The name of the function a programmer wrote, cut in the middle when it is very long, as
  /// generic names are.
  ///
  /// A closure in a program's top-level code is `closure #1 in` nothing: it gets the file's name.
  static func short(_ name: String, file: String? = nil, image: String? = nil) -> String {
    var name = whole(name)
    if name.hasSuffix(" in ") || name.hasSuffix(" in"), name.contains("#") {
      let place = file.map { PathNames.display($0, strip: "") } ?? image.map { "\($0)'s top-level code" }
      name = "\(name.hasSuffix(" ") ? name : name + " ")\(place ?? "top-level code")"
    }
    guard name.count > lengthLimit else { return name }
    return "\(name.prefix(lengthLimit * 2 / 3)) … \(name.suffix(lengthLimit / 3))"
  }

  /// `(2) await resume partial function for f()` is a part of `f()`.
  private static func whole(_ name: String) -> String {
    guard name.hasPrefix("("), let close = name.firstIndex(of: ")") else { return name }
    let rest = name[name.index(after: close)...].drop { $0 == " " }
    for mark in partMarks where rest.hasPrefix(mark) { return String(rest.dropFirst(mark.count)) }
    return name
  }
}

#endif
