// SPDX-License-Identifier: Apache-2.0
//
// Symbols through the toolchain's Runtime module: for files whose debug information is compressed
// or lies elsewhere, and for the names of functions. Slow for lines (it runs all line programs of a
// file for each address), so only the detector calls it, and no address twice.

#if REPORTS && canImport(Glibc)

internal import AccessTerms
internal import CAccessSymbols
internal import Runtime

/// The toolchain's reader of symbols.
///
/// The image map is captured before the first symbolication and passed to each: symbolicating maps
/// image files into the process, and a map captured after that names wrong bases for them. A
/// library that the program loads later is in no earlier map and was not symbolicated yet, so the
/// first map that holds an address is right for it.
struct ToolchainSymbols {
  /// The map of the first use, and one for each time that an address was in none although libraries
  /// had been loaded.
  private var maps = [ImageMap.capture()]
  /// Libraries loaded when the last map was captured, those that are gone again included.
  private var librariesLoaded = audit_libraries_loaded()
  /// A program that loads more often than this between reports gets addresses for the libraries
  /// that come last.
  private static let mapLimit = 64

  /// What is known of return addresses and marked resume points, by address.
  mutating func symbolicate(_ addresses: [UInt64]) -> [UInt64: SymbolicatedAddress] {
    var indices = addresses.map(indexOfMap)
    if indices.contains(nil), captureAgain() { indices = addresses.map(indexOfMap) }
    var found: [UInt64: SymbolicatedAddress] = [:]
    for map in maps.indices {
      let held = zip(addresses, indices).filter { $0.1 == map }.map(\.0)
      guard !held.isEmpty, let backtrace = CompactBacktrace.backtrace(of: held),
        let symbolicated = backtrace.symbolicated(with: maps[map])
      else { continue }
      for frame in symbolicated.frames {
        guard var address = UInt64(frame.captured.originalProgramCounter) else { continue }
        if case .asyncResumePoint = frame.captured { address |= ResumePoint.mark }
        found[address, default: SymbolicatedAddress(functions: [])].functions.append(.init(frame))
      }
    }
    return found
  }

  private func indexOfMap(_ address: UInt64) -> Int? {
    guard let address = Backtrace.Address(Hexadecimal.text(address & ~ResumePoint.mark)) else { return nil }
    return maps.firstIndex { $0.indexOfImage(at: address) != nil }
  }

  /// Captures another map if libraries were loaded since the last one.
  private mutating func captureAgain() -> Bool {
    let count = audit_libraries_loaded()
    guard count != librariesLoaded, maps.count < Self.mapLimit else { return false }
    librariesLoaded = count
    maps.append(ImageMap.capture())
    return true
  }
}

extension SymbolicatedAddress.Function {
  fileprivate init(_ frame: SymbolicatedBacktrace.Frame) {
    let name = frame.symbol?.rawName
    self.init(
      name: name == "<unknown>" ? nil : name,
      place: frame.symbol?.sourceLocation.map { SourcePlace(path: $0.path, line: $0.line, column: $0.column) },
      isInlined: frame.inlined)
  }
}

/// What the toolchain says of a function by its mangled name and its place.
struct FunctionName {
  var demangled: String
  var isThunk: Bool
  /// Start-up code, and what has no place in the sources.
  var isSystem: Bool

  init(_ mangled: String, place: SourcePlace?) {
    let symbol = SymbolicatedBacktrace.Symbol(
      imageIndex: 0, imageName: "", rawName: mangled, offset: 0, sourceLocation: nil)
    demangled = symbol.name
    isThunk = symbol.isSwiftThunk
    let isPlaceless = place.map { ($0.line == 0 && $0.column == 0) || $0.path.hasSuffix("<compiler-generated>") }
    isSystem = symbol.isSystemFunction || (isPlaceless == true && !isThunk)
  }
}

#endif
