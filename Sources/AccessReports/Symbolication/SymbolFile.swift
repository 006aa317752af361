// SPDX-License-Identifier: Apache-2.0
//
// The file of an image, and what it says of addresses: from the C reader's words to values.

#if REPORTS && canImport(Glibc)

internal import CAccessSymbols

/// A place in the sources as debug information has it.
struct SourcePlace: Equatable {
  var path: String
  /// 0 where the code has no line.
  var line: Int
  var column: Int
}

/// What a file says of one address.
package struct SymbolicatedAddress: Equatable {
  struct Function: Equatable {
    /// Mangled.
    var name: String?
    /// The place in it where the address is, or where the function before it is called.
    var place: SourcePlace?
    var isInlined: Bool
  }

  /// Inlined functions before the one that holds them, which comes last.
  var functions: [Function]
}

/// The symbols of one image. Stays mapped, so that a later report pays for what it touches only.
final class SymbolFile {
  private let file: OpaquePointer

  /// Maps the file at `path`; `nil` when it is not there, or not of the image that was loaded.
  convenience init?(path: String, image: LoadedImage) {
    self.init(path: path)
    let isTheLoadedOne = image.buildID.isEmpty || image.buildID == buildID
    if !isTheLoadedOne || kind == AUDIT_SYMBOLS_NONE { return nil }
  }

  /// Maps the file at `path`; `nil` when it is not there.
  init?(path: String) {
    guard let file = audit_open_symbol_file(path) else { return nil }
    self.file = file
  }

  /// In hexadecimal; empty when it has none.
  var buildID: String {
    var buildID = [UInt8](repeating: 0, count: Int(AUDIT_BUILD_ID_LIMIT))
    let size = audit_symbol_file_build_id(file, &buildID, UInt32(AUDIT_BUILD_ID_LIMIT))
    return Hexadecimal.digits(buildID.prefix(Int(size)))
  }

  /// One of `AUDIT_SYMBOLS_…`.
  var kind: Int { Int(audit_symbol_file_kind(file)) }
  var isWhole: Bool { audit_symbol_file_is_whole(file) }
  var debugLink: String? { audit_symbol_file_debug_link(file).map { String(cString: $0) } }

  deinit { audit_close_symbol_file(file) }

  /// What the file says of addresses in it, in ascending order.
  ///
  /// - Complexity: one pass over the file's symbols and units, whatever the number of addresses.
  func symbolicate(_ addresses: [UInt64]) -> [SymbolicatedAddress] {
    var found = [audit_symbolication](repeating: audit_symbolication(), count: addresses.count)
    for index in addresses.indices { found[index].address = addresses[index] }
    audit_symbolicate(file, &found, addresses.count)
    return found.map(SymbolicatedAddress.init)
  }
}

extension SymbolicatedAddress {
  init(_ found: audit_symbolication) {
    var found = found
    functions = []
    var place = SourcePlace(found.place)
    withUnsafePointer(to: &found) { found in
      for index in 0..<found.pointee.inlined_count {
        let name = audit_inlined_name(found, index).map { String(cString: $0) }
        functions.append(Function(name: name, place: place, isInlined: true))
        place = SourcePlace(audit_call_place(found, index))
      }
    }
    functions.append(
      Function(name: found.symbol.map { String(cString: $0) }, place: found.is_cut ? nil : place, isInlined: false))
  }
}

extension SymbolicatedAddress {
  /// What a file would have said, for a rehearsal.
  package static func made(name: String, path: String?, line: UInt32) -> SymbolicatedAddress {
    name.withCString { name in
      var found = audit_symbolication()
      found.symbol = name
      guard let path else { return SymbolicatedAddress(found) }
      return path.withCString { path in
        found.place = audit_place(compilation_directory: nil, directory: nil, file: path, line: line, column: 1)
        return SymbolicatedAddress(found)
      }
    }
  }
}

extension SourcePlace {
  fileprivate init?(_ place: audit_place) {
    guard let file = place.file else { return nil }
    var path = String(cString: file)
    for folder in [place.directory, place.compilation_directory] where !path.hasPrefix("/") {
      guard let folder = folder.map({ String(cString: $0) }) else { continue }
      path = folder + (folder.hasSuffix("/") ? "" : "/") + path
    }
    self.init(path: path, line: Int(place.line), column: Int(place.column))
  }
}

#endif
