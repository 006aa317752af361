// SPDX-License-Identifier: Apache-2.0
//
// From return addresses to frames, through the toolchain's Runtime module. Slow (up to milliseconds an address):
// only the detector calls it, and no address twice.

internal import AccessRecorder
internal import CAccessRecorder
internal import Runtime

/// Symbolicates return addresses; remembers what it found.
///
/// The image map is captured before the first symbolication and passed to each: symbolicating maps image files into the
/// process, and a map captured after that names wrong bases for them. A library that the program loads later is in no earlier
/// map and was not symbolicated yet, so the first map that holds an address is right for it.
final class Symbolicator {
  /// The map of the first use, and one for each time that an address was in none although libraries had been loaded.
  private var maps: [ImageMap]
  /// Libraries loaded when the last map was captured, those that are gone again included.
  private var librariesLoaded: UInt64
  /// A program that loads more often than this between reports gets addresses for the libraries that come last.
  private static let mapLimit = 64
  private var known: [UInt64: [Violation.Frame]] = [:]
  /// Addresses remembered at most; then the memory is emptied.
  private static let limit = 16_384

  init() {
    librariesLoaded = audit_libraries_loaded()
    maps = [ImageMap.capture()]
  }

  /// The frames of a stack, innermost first; inlined functions before the one that holds them.
  func frames(_ addresses: [UInt64]) -> [Violation.Frame] {
    let new = Set(addresses.filter { known[$0] == nil })
    if known.count + new.count > Self.limit { known.removeAll() }
    if !new.isEmpty { symbolicate(addresses.filter { known[$0] == nil }) }
    return addresses.flatMap { address in
      (known[address] ?? [Self.bare(address)]).map { frame in
        var frame = frame
        if AsyncCallers.isMarked(address) { frame.awaiting = true }
        return frame
      }
    }
  }

  private func symbolicate(_ addresses: [UInt64]) {
    var unique: [UInt64] = []
    for address in addresses where known[address] == nil {
      known[address] = []
      unique.append(address)
    }
    for (address, frame) in symbolicated(unique) {
      known[address, default: []].append(Self.frame(frame, address: address))
    }
    for address in unique {
      guard let frames = known[address], let function = frames.last else {
        known[address] = [Self.bare(address)]
        continue
      }
      if function.category == .user, function.line == nil, function.symbol != nil, !AsyncCallers.isMarked(address) {
        known[address]![frames.count - 1] = withLine(function, address)
      }
    }
  }

  /// The frames of the addresses in their order, inlined ones before the function that holds them.
  private func symbolicated(_ addresses: [UInt64]) -> [(UInt64, SymbolicatedBacktrace.Frame)] {
    var indices = addresses.map(indexOfMap)
    if indices.contains(nil), captureAgain() { indices = addresses.map(indexOfMap) }
    var frames: [(UInt64, SymbolicatedBacktrace.Frame)] = []
    // Neighbours that one map holds go together; what no map holds stays an address.
    var first = 0
    while first < addresses.count {
      let map = indices[first] ?? 0
      let next = indices[first...].firstIndex { ($0 ?? 0) != map } ?? addresses.count
      frames += symbolicated(Array(addresses[first..<next]), with: maps[map])
      first = next
    }
    return frames
  }

  private func symbolicated(
    _ addresses: [UInt64], with images: ImageMap
  ) -> [(UInt64, SymbolicatedBacktrace.Frame)] {
    guard !addresses.isEmpty, let backtrace = CompactBacktrace.backtrace(of: addresses),
      let symbolicated = backtrace.symbolicated(with: images)
    else { return [] }
    return symbolicated.frames.compactMap { frame in
      UInt64(frame.captured.originalProgramCounter).map { address in
        if case .asyncResumePoint = frame.captured { (address | AsyncCallers.mark, frame) } else { (address, frame) }
      }
    }
  }

  private func indexOfMap(_ address: UInt64) -> Int? {
    guard let address = Backtrace.Address("0x" + String(address & ~AsyncCallers.mark, radix: 16)) else { return nil }
    return maps.firstIndex { $0.indexOfImage(at: address) != nil }
  }

  /// Captures another map if libraries were loaded since the last one.
  private func captureAgain() -> Bool {
    let count = audit_libraries_loaded()
    guard count != librariesLoaded, maps.count < Self.mapLimit else { return false }
    librariesLoaded = count
    maps.append(ImageMap.capture())
    return true
  }

  /// The frame with the line of the nearest instruction before it that has one.
  ///
  /// An unoptimised build gives the instructions of an inlined accessor no line; those that prepare them have the user's.
  private func withLine(_ frame: Violation.Frame, _ address: UInt64) -> Violation.Frame {
    for batch in 0..<8 {
      let offsets = (0..<8).map { UInt64(batch * 8 + $0 + 1) * 5 }
      for (_, candidate) in symbolicated(offsets.map { address - $0 }) where !candidate.inlined {
        guard let symbol = candidate.symbol, SymbolNames.short(symbol.name) == frame.symbol else { return frame }
        guard let location = symbol.sourceLocation, location.line > 0, !FrameCategories.isOwn(location.path) else {
          continue
        }
        var found = frame
        (found.file, found.line, found.column) = (location.path, location.line, location.column)
        return found
      }
    }
    return frame
  }

  private static func bare(_ address: UInt64) -> Violation.Frame {
    Violation.Frame(
      symbol: nil, file: nil, line: nil, column: nil, image: nil, address: hexadecimal(address), inlined: false,
      category: .user)
  }

  private static func frame(_ frame: SymbolicatedBacktrace.Frame, address: UInt64) -> Violation.Frame {
    let symbol = frame.symbol
    // Line 0 stands for code without a place in the sources.
    let location = symbol?.sourceLocation.flatMap { $0.line > 0 ? $0 : nil }
    return Violation.Frame(
      symbol: symbol.map { SymbolNames.short($0.name) }, file: location?.path, line: location?.line,
      column: location?.column, image: symbol?.imageName, address: hexadecimal(address), inlined: frame.inlined,
      category: FrameCategories.category(
        rawName: symbol?.rawName, name: symbol?.name, file: location?.path, line: location?.line,
        image: symbol?.imageName, isThunk: frame.isSwiftThunk, isSystem: frame.isSystem))
  }

  private static func hexadecimal(_ address: UInt64) -> String {
    "0x" + String(address & ~AsyncCallers.mark, radix: 16)
  }
}
