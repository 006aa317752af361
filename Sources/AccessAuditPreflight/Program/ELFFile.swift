// SPDX-License-Identifier: Apache-2.0
//
// The sections of a 64-bit ELF file: names, functions, needed libraries. Reads bytes; judges
// nothing, and trusts no number in the file.

#if Scanner && canImport(Glibc)

internal import Foundation
internal import Glibc

struct ELFFile {
  struct Section {
    var name: String
    var type: Int
    var address: Int
    var offset: Int
    var size: Int
    var link: Int
  }

  struct Function {
    var address: Int
    var size: Int
  }

  /// The numbers of the two machines.
  static let x86 = 62
  static let arm = 183

  private let bytes: Data
  let machine: Int
  private(set) var sections: [Section] = []

  /// `nil` when the bytes are no such file.
  init?(_ bytes: Data) {
    self.bytes = bytes
    guard bytes.prefix(6) == Data([0x7F, 0x45, 0x4C, 0x46, 2, 1]), let machine = Self.number(bytes, 18, 2),
      let table = Self.number(bytes, 40, 7), let size = Self.number(bytes, 58, 2), size >= 64,
      let count = Self.number(bytes, 60, 2), let names = Self.number(bytes, 62, 2)
    else { return nil }
    self.machine = machine
    var offsets: [Int] = []
    for index in 0..<count {
      let header = table + index * size
      guard let name = Self.number(bytes, header, 4), let type = Self.number(bytes, header + 4, 4),
        let address = Self.number(bytes, header + 16, 7), let offset = Self.number(bytes, header + 24, 7),
        let length = Self.number(bytes, header + 32, 7), let link = Self.number(bytes, header + 40, 4)
      else { return nil }
      offsets.append(name)
      sections.append(Section(name: "", type: type, address: address, offset: offset, size: length, link: link))
    }
    guard names < sections.count else { return }
    for index in sections.indices { sections[index].name = text(in: sections[names], at: offsets[index]) }
  }

  private static func number(_ bytes: Data, _ offset: Int, _ size: Int) -> Int? {
    guard offset >= 0, offset <= bytes.count - size else { return nil }
    return bytes.withUnsafeBytes { (raw: UnsafeRawBufferPointer) -> Int in
      var number = 0
      for index in (0..<size).reversed() { number = number << 8 | Int(raw[offset + index]) }
      return number
    }
  }

  /// A section that has bytes in the file.
  func section(_ name: String) -> Section? {
    let nothing = 8
    return sections.first {
      $0.name == name && $0.type != nothing && $0.offset >= 0 && $0.size > 0 && $0.size <= bytes.count
        && $0.offset <= bytes.count - $0.size
    }
  }

  private func text(in section: Section, at offset: Int) -> String {
    let begin = section.offset + offset
    guard offset >= 0, offset < section.size, begin < bytes.count, begin >= 0 else { return "" }
    return bytes.withUnsafeBytes { raw in
      String(decoding: raw[begin..<min(raw.count, begin + 4096)].prefix { $0 != 0 }, as: UTF8.self)
    }
  }

  /// The functions of the symbol table whose names begin with a prefix, from a size on.
  ///
  /// - Complexity: O(n) in the number of symbols.
  func functions(prefix: [UInt8], atLeast least: Int) -> [Function] {
    guard let table = section(".symtab"), sections.indices.contains(table.link) else { return [] }
    let strings = sections[table.link]
    guard strings.offset >= 0, strings.size > prefix.count, strings.size <= bytes.count,
      strings.offset <= bytes.count - strings.size
    else { return [] }
    return bytes.withUnsafeBytes { (raw: UnsafeRawBufferPointer) -> [Function] in
      var found: [Function] = []
      var entry = table.offset
      let end = table.offset + table.size - 23
      while entry < end {
        defer { entry += 24 }
        let name = Int(raw.loadUnaligned(fromByteOffset: entry, as: UInt32.self))
        let size = raw.loadUnaligned(fromByteOffset: entry + 16, as: UInt64.self)
        guard raw[entry + 4] & 0xF == 2, size >= least, size < 1 << 40, name < strings.size - prefix.count,
          memcmp(raw.baseAddress! + strings.offset + name, prefix, prefix.count) == 0
        else { continue }
        let address = raw.loadUnaligned(fromByteOffset: entry + 8, as: UInt64.self)
        found.append(Function(address: Int(address & 0xFF_FFFF_FFFF_FFFF), size: Int(size)))
      }
      return found
    }
  }

  /// The first bytes of code at an address; empty where the file has none.
  func code(at address: Int, count: Int) -> [UInt8] {
    let nothing = 8
    guard
      let section = sections.first(where: {
        $0.type != nothing && $0.address > 0 && address >= $0.address && address < $0.address &+ $0.size
      })
    else { return [] }
    let begin = section.offset + (address - section.address)
    guard begin >= 0, begin < bytes.count else { return [] }
    return Array(bytes[begin..<min(bytes.count, begin + count)])
  }

  /// The texts of one kind in the dynamic section: 1 for needed libraries, 29 and 15 for the paths
  /// to look in.
  func dynamic(_ kind: Int) -> [String] {
    guard let table = section(".dynamic"), sections.indices.contains(table.link) else { return [] }
    return (0..<(table.size / 16)).compactMap { index in
      let entry = table.offset + index * 16
      guard Self.number(bytes, entry, 7) == kind, let offset = Self.number(bytes, entry + 8, 7) else { return nil }
      return text(in: sections[table.link], at: offset)
    }
  }
}

#endif
