// SPDX-License-Identifier: Apache-2.0
//
// From return addresses to frames. All addresses of a report are looked up together, because a file
// is passed once for all of them. Only the detector does this, and no address twice.

#if REPORTS && canImport(Glibc)

internal import AccessTerms

/// Symbolicates return addresses; remembers what it found.
package final class Symbolicator {
  package private(set) var images = LoadedImages()
  /// The files that were opened, by where the image begins.
  private var files: [UInt64: SymbolFile.Opening] = [:]
  private var toolchain: ToolchainSymbols?
  private var known: [UInt64: [Violation.Frame]] = [:]
  /// Addresses remembered at most; then the memory is emptied.
  private static let limit = 16_384

  package init() {}

  /// Looks into no file of the images that addresses are known of.
  package init(knowing known: [UInt64: SymbolicatedAddress]) {
    for address in known.keys {
      if let index = images.index(of: address & ~ResumePoint.mark) { files[images[index].begin] = .known(known) }
    }
  }

  /// The frames of a stack, innermost first; inlined functions before the one that holds them.
  package func frames(_ addresses: [UInt64]) -> [Violation.Frame] {
    learn(addresses)
    let frames = addresses.flatMap { address in
      (known[address] ?? [images.bareFrame(address)]).map { frame in
        var frame = frame
        if ResumePoint.isMarked(address) { frame.awaiting = true }
        return frame
      }
    }
    return frames.withFramesOfTheProgram
  }

  /// Looks up the addresses that are not known yet.
  ///
  /// - Complexity: one pass over the symbols of each file they lie in.
  package func learn(_ addresses: [UInt64]) {
    let new = Set(addresses).filter { known[$0] == nil }
    if new.isEmpty { return }
    if known.count + new.count > Self.limit { known.removeAll() }
    if new.contains(where: { images.index(of: $0 & ~ResumePoint.mark) == nil }) { _ = images.update() }
    for (address, found) in symbolicated(Array(new)) {
      known[address] = frames(of: found, address: address)
    }
    for address in new where known[address] == nil { known[address] = [images.bareFrame(address)] }
    addLines(new)
  }

  /// What is known of return addresses and marked resume points.
  private func symbolicated(_ addresses: [UInt64]) -> [UInt64: SymbolicatedAddress] {
    var found: [UInt64: SymbolicatedAddress] = [:]
    var foreign: [UInt64] = []
    let byImage = Dictionary(grouping: addresses) { images.index(of: $0 & ~ResumePoint.mark) }
    for (index, addresses) in byImage {
      guard let image = index.map({ images[$0] }) else { continue }
      switch file(of: image) {
      case .file(let file):
        // The instruction that a return address belongs to is the call before it.
        let pairs = addresses.map { address in
          (address, ResumePoint.isMarked(address) ? address & ~ResumePoint.mark : address &- 1)
        }.sorted { $0.1 < $1.1 }
        let results = file.symbolicate(pairs.map { $0.1 &- image.bias })
        for (pair, result) in zip(pairs, results) { found[pair.0] = result }
      case .known(let known): for address in addresses { found[address] = known[address] }
      case .foreign: foreign += addresses
      case .nothing: break
      }
    }
    if !foreign.isEmpty {
      var toolchain = self.toolchain ?? ToolchainSymbols()
      found.merge(toolchain.symbolicate(foreign)) { one, _ in one }
      self.toolchain = toolchain
    }
    return found
  }

  private func file(of image: LoadedImage) -> SymbolFile.Opening {
    if let file = files[image.begin] { return file }
    let file = SymbolFile.open(image)
    files[image.begin] = file
    return file
  }

  private func frames(of found: SymbolicatedAddress, address: UInt64) -> [Violation.Frame] {
    let bare = images.bareFrame(address)
    return found.functions.map { bare.named($0) }
  }

  /// Gives the user's functions without a line that of the nearest instruction before that has one.
  ///
  /// An unoptimised build gives the instructions of an inlined accessor no line; those that prepare
  /// them have the user's.
  private func addLines(_ addresses: Set<UInt64>) {
    let steps = (1...64).map { UInt64($0) * 5 }
    let lineless = addresses.filter { address in
      guard !ResumePoint.isMarked(address), let function = known[address]?.last else { return false }
      return function.category == .user && function.line == nil && function.symbol != nil
    }
    if lineless.isEmpty { return }
    let before = symbolicated(Array(Set(lineless.flatMap { address in steps.map { address &- $0 } })))
    for address in lineless {
      var frames = known[address]!
      for step in steps {
        guard let candidate = before[address &- step]?.functions.last, let name = candidate.name else { break }
        guard SymbolNames.short(FunctionName(name, place: nil).demangled) == frames[frames.count - 1].symbol else {
          break
        }
        guard let place = candidate.place, place.line > 0, !FrameCategories.isOwn(place.path) else { continue }
        frames[frames.count - 1].file = place.path
        frames[frames.count - 1].line = place.line
        frames[frames.count - 1].column = place.column
        break
      }
      known[address] = frames
    }
  }
}

extension Violation.Frame {
  /// The frame with the name and the place of a function.
  func named(_ function: SymbolicatedAddress.Function) -> Self {
    var frame = self
    frame.inlined = function.isInlined
    // Line 0 stands for code without a place in the sources.
    let place = function.place.flatMap { $0.line > 0 ? $0 : nil }
    (frame.file, frame.line, frame.column) = (place?.path, place?.line, place?.column)
    let name = function.name.map { FunctionName($0, place: function.place) }
    frame.symbol = name.map { SymbolNames.short($0.demangled, file: place?.path, image: frame.image) }
    frame.category = FrameCategories.category(
      rawName: function.name, name: name?.demangled, file: place?.path, line: place?.line, image: frame.image,
      isThunk: name?.isThunk ?? false, isSystem: name?.isSystem ?? false)
    return frame
  }
}

extension LoadedImages {
  /// What is certain of an address without any file: the image, where in it, and the system's
  /// images by their names.
  func bareFrame(_ address: UInt64) -> Violation.Frame {
    let address = address & ~ResumePoint.mark
    let image = index(of: address).map { self[$0] }
    var frame = Violation.Frame(
      symbol: nil, file: nil, line: nil, column: nil, image: image?.name, address: Hexadecimal.text(address),
      inlined: false,
      category: FrameCategories.category(
        rawName: nil, name: nil, file: nil, line: nil, image: image?.name, isThunk: false, isSystem: false),
      offset: image?.offset(of: address))
    if let image, frame.category == .user, !image.buildID.isEmpty { frame.buildID = image.buildID }
    return frame
  }

  /// The images of these frames.
  func described(_ frames: [Violation.Frame]) -> [Violation.Image] {
    let names = Set(frames.compactMap(\.image))
    return images.filter { names.contains($0.name) }.map { image in
      Violation.Image(
        name: image.name, path: image.path, buildID: image.buildID.isEmpty ? nil : image.buildID,
        begin: Hexadecimal.text(image.begin))
    }
  }
}

#endif
