// SPDX-License-Identifier: Apache-2.0
//
// Which file has the symbols of an image: its own, or the one that its debug information was moved
// to.

#if REPORTS && canImport(Glibc)

internal import CAccessSymbols

extension SymbolFile {
  enum Opening {
    case file(SymbolFile)
    /// The toolchain's reader is needed: the debug information is compressed.
    case foreign
    /// There is none, it is not the one that was loaded, or it is not of a known form.
    case nothing
    /// No file is looked into: these are known.
    case known([UInt64: SymbolicatedAddress])
  }

  static func open(_ image: LoadedImage) -> Opening {
    // Lines of the system's libraries are of no use in a report, names are.
    let wantsLines = !FrameCategories.isSystemImage(image.name)
    guard let own = SymbolFile(path: image.pathToOpen, image: image) else { return .nothing }
    switch own.kind {
    case AUDIT_SYMBOLS_LINES: return .file(own)
    case AUDIT_SYMBOLS_COMPRESSED where wantsLines: return .foreign
    default: break
    }
    if own.isWhole, own.debugLink == nil { return .file(own) }
    let moved = debugFiles(of: image, link: own.debugLink).lazy.compactMap { SymbolFile(path: $0, image: image) }.first
    guard let moved else { return .file(own) }
    return moved.kind == AUDIT_SYMBOLS_COMPRESSED && wantsLines ? .foreign : .file(moved)
  }

  /// Where debuggers look, in their order.
  private static func debugFiles(of image: LoadedImage, link: String?) -> [String] {
    var paths: [String] = []
    if image.buildID.count > 2 {
      paths.append("/usr/lib/debug/.build-id/\(image.buildID.prefix(2))/\(image.buildID.dropFirst(2)).debug")
    }
    guard let link, !link.isEmpty, let end = image.path.lastIndex(of: "/") else { return paths }
    let folder = image.path[..<end]
    return paths + ["\(folder)/\(link)", "\(folder)/.debug/\(link)", "/usr/lib/debug\(folder)/\(link)"]
  }
}

#endif
