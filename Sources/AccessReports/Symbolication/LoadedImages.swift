// SPDX-License-Identifier: Apache-2.0
//
// The executable and the libraries in the process: which one an address lies in, and where in its
// file. Takes no lock of the loader's.

#if REPORTS && canImport(Glibc)

internal import CAccessSymbols

/// An executable or library in the process.
package struct LoadedImage: Equatable {
  /// Where its file's first byte lies, and where its code ends.
  package var begin: UInt64
  package var end: UInt64
  /// What an address in the process is beyond the one in the file.
  package var bias: UInt64
  package let path: String
  /// The same file, also where its name is gone by now.
  var pathToOpen: String
  /// In hexadecimal; empty when it has none.
  package var buildID: String

  /// The last component of the path, as reports name it: asked for each frame.
  package let name: String

  package init(begin: UInt64, end: UInt64, bias: UInt64, path: String, pathToOpen: String, buildID: String) {
    self.begin = begin
    self.end = end
    self.bias = bias
    self.path = path
    self.pathToOpen = pathToOpen
    self.buildID = buildID
    let name = path.split(separator: "/").last.map(String.init) ?? path
    self.name = name.hasSuffix(" (deleted)") ? String(name.dropLast(" (deleted)".count)) : name
  }

  /// The address in the file, in hexadecimal: what tools for the file ask for.
  package func offset(of address: UInt64) -> String { Hexadecimal.text(address &- bias) }
}

/// All of them, as they were when they were looked at.
package struct LoadedImages {
  /// In the order of their addresses.
  package private(set) var images: [LoadedImage] = []

  package init() {
    withUnsafeMutablePointer(to: &images) { images in
      audit_for_each_image(
        { context, image in
          guard let context, let image = image?.pointee else { return false }
          context.assumingMemoryBound(to: [LoadedImage].self).pointee.append(LoadedImage(image))
          return true
        }, images)
    }
  }

  package subscript(index: Int) -> LoadedImage { images[index] }

  /// Takes in the images that lie where none was yet. What was there before stays: its addresses
  /// may stand in old records.
  ///
  /// - Returns: whether there were any. The indices of all may be others then.
  package mutating func update() -> Bool {
    let new = LoadedImages().images.filter { image in
      !images.contains { $0.begin < image.end && image.begin < $0.end }
    }
    guard !new.isEmpty else { return false }
    images = (images + new).sorted { $0.begin < $1.begin }
    return true
  }

  package func index(of address: UInt64) -> Int? {
    var low = 0
    var high = images.count
    while low < high {
      let middle = (low + high) / 2
      if images[middle].begin <= address { low = middle + 1 } else { high = middle }
    }
    return low > 0 && address < images[low - 1].end ? low - 1 : nil
  }
}

extension LoadedImage {
  fileprivate init(_ image: audit_loaded_image) {
    var image = image
    let size = Int(image.build_id_size)
    let buildID = withUnsafeBytes(of: &image.build_id) { Hexadecimal.digits($0.prefix(size)) }
    self.init(
      begin: image.begin, end: image.end, bias: image.bias, path: String(cString: image.path),
      pathToOpen: String(cString: image.path_to_open), buildID: buildID)
  }
}

enum Hexadecimal {
  static func text(_ number: UInt64) -> String { "0x" + String(number, radix: 16) }

  /// Two digits for each byte.
  static func digits(_ bytes: some Sequence<UInt8>) -> String {
    bytes.reduce(into: "") { $0 += ($1 < 16 ? "0" : "") + String($1, radix: 16) }
  }
}

#endif
