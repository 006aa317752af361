// SPDX-License-Identifier: Apache-2.0
//
// The reader of symbols, compared with the toolchain's own, and run on damaged files.

#if AUDITED && canImport(Glibc)

import CAccessRecorder
import CAccessSymbols
import Foundation
import Testing

@testable import AccessAudit
@testable import AccessDetector
@testable import AccessReports
@testable import AccessTerms
@testable import AccessWindows

struct SymbolFileTests {
  /// The names and lines at random instructions of every program of this build, this one among
  /// them, compared with `llvm-symbolizer`: in a release build a corpus of optimised ones.
  @Test(.enabled(if: SymbolFileTests.llvmSymbolizer != nil), arguments: SymbolFileTests.programs)
  func frames_areThoseOfTheSymbolizer(_ program: String) throws {
    let seed = UInt64.random(in: .min ... .max)
    var generator = SplitMix(state: seed)
    let all = try Self.code(of: program)
    let addresses = Set((0..<2_000).compactMap { _ in all.randomElement(using: &generator) }).sorted()
    let compared = try Self.compare(addresses, in: program, "seed \(seed)")
    #expect(compared.places > 500, "\(program)")
  }

  /// The image of the running program is the file on the disk.
  @Test func ownImage_isOpened() throws {
    let images = LoadedImages()
    let own = UInt64(UInt(bitPattern: unsafeBitCast(Self.marker, to: UnsafeRawPointer.self)))
    let image = images[try #require(images.index(of: own))]
    #expect(image.pathToOpen == "/proc/thread-self/exe" && image.buildID.count == 40)
    guard case .file(let file) = SymbolFile.open(image) else {
      Issue.record("the test program's symbols cannot be read")
      return
    }
    let found = file.symbolicate([own - image.bias])
    #expect(found[0].functions.last?.name != nil)
  }

  /// Every function of an optimised program at every fourth byte of its code.
  @Test(.enabled(if: SymbolFileTests.llvmSymbolizer != nil)) func optimisedFrames_areThoseOfTheSymbolizer() throws {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("optimised-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let source = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .appendingPathComponent("SymbolFiles/inlined.swift").path
    let program = folder.appendingPathComponent("program").path
    let compiler = Process()
    compiler.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    compiler.arguments = ["swiftc", "-O", "-g", "-parse-as-library", source, "-o", program]
    try compiler.run()
    compiler.waitUntilExit()
    try #require(compiler.terminationStatus == 0)
    let compared = try Self.compare(Self.code(of: program).filter { $0 % 4 == 0 }, in: program, source)
    #expect(compared.places > 500 && compared.deepest > 4 && compared.withoutSymbol > 20, "\(compared)")
  }

  /// Compares what the two say of the addresses, name by name and line by line, in their order.
  ///
  /// Code without a line has no place here. There the symbolizer says the name of the object file
  /// that the linker took it from, with line 0.
  private static func compare(
    _ addresses: [UInt64], in program: String, _ comment: String
  ) throws -> (places: Int, deepest: Int, withoutSymbol: Int) {
    let file = try #require(SymbolFile(path: program))
    let found = file.symbolicate(addresses).map { $0.functions.map(comparable) }
    let expected = try symbolized(addresses, in: program)
    try #require(expected.count == found.count)
    for (address, (found, expected)) in zip(addresses, zip(found, expected)) {
      #expect(found == expected, "address \(Hexadecimal.text(address)) of \(program), \(comment)")
    }
    return (
      found.count { $0.contains { !$0.hasSuffix(" ?") } }, found.map(\.count).max() ?? 0,
      // The compiler's own functions have no symbols; their names are in the debug information.
      found.count { $0.last?.hasPrefix("objectdestroy") == true || $0.last?.hasPrefix("__swift_") == true }
    )
  }

  /// The programs beside this one, and this one.
  private static let programs: [String] = {
    let own = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
    let names = ["race-programs", "word-count", "order-cache", "hunt-programs", "access-audit-load"]
    return [own.path]
      + names.map { own.deletingLastPathComponent().appendingPathComponent($0).path }
      .filter { FileManager.default.isExecutableFile(atPath: $0) }
  }()

  /// Addresses in the program's code section.
  private static func code(of path: String) throws -> [UInt64] {
    let bytes = try Data(contentsOf: URL(fileURLWithPath: path))
    func number(_ offset: Int, _ size: Int) -> Int {
      (0..<size).reversed().reduce(0) { $0 << 8 | Int(bytes[offset + $1]) }
    }
    let (table, size, count, names) = (number(40, 7), number(58, 2), number(60, 2), number(62, 2))
    let strings = number(table + names * size + 24, 7)
    for header in (0..<count).map({ table + $0 * size }) {
      let name = bytes[(strings + number(header, 4))...].prefix { $0 != 0 }
      guard String(decoding: name, as: UTF8.self) == ".text" else { continue }
      let begin = number(header + 16, 7)
      return (begin..<(begin + number(header + 32, 7))).map { UInt64($0) }
    }
    return []
  }

  /// More functions inlined than there is room for: the innermost are kept, each with its own line.
  @Test func chainsAreCutOutside() {
    var found = audit_symbolication()
    #expect(!found.is_cut && AUDIT_INLINE_LIMIT == 64)
    found.is_cut = true
    found.place = audit_place(compilation_directory: nil, directory: nil, file: nil, line: 3, column: 1)
    "inlined.swift".withCString { name in
      found.place.file = name
      #expect(SymbolicatedAddress(found).functions.map(\.place) == [nil])
      found.is_cut = false
      #expect(SymbolicatedAddress(found).functions.map { $0.place?.line } == [3])
    }
  }

  private static let marker: @convention(c) () -> Void = {}

  private static let llvmSymbolizer = ["/usr/bin", "/opt/swift/usr/bin", "/usr/local/bin"]
    .map { "\($0)/llvm-symbolizer" }.first { FileManager.default.isExecutableFile(atPath: $0) }

  /// The functions at each address, innermost first: mangled name, file:line:column.
  private static func symbolized(_ addresses: [UInt64], in path: String) throws -> [[String]] {
    let process = Process()
    let output = Pipe()
    process.executableURL = URL(fileURLWithPath: try #require(llvmSymbolizer))
    process.arguments = ["--obj=\(path)", "--no-demangle"]
    process.standardOutput = output
    // More addresses than a command line holds.
    let input = FileManager.default.temporaryDirectory.appendingPathComponent("addresses-\(UUID().uuidString)")
    defer { try? FileManager.default.removeItem(at: input) }
    try Data(addresses.map { Hexadecimal.text($0) + "\n" }.joined().utf8).write(to: input)
    process.standardInput = try FileHandle(forReadingFrom: input)
    try process.run()
    let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    process.waitUntilExit()
    return text.split(separator: "\n\n").map { block in
      let lines = block.split(separator: "\n", omittingEmptySubsequences: true).map(String.init)
      return stride(from: 0, to: lines.count - 1, by: 2).map { index in
        let place = lines[index + 1].split(separator: "/").last ?? ""
        return "\(lines[index]) \(place.split(separator: ":").dropLast().last == "0" ? "?" : place)"
      }
    }
  }

  private static func comparable(_ function: SymbolicatedAddress.Function) -> String {
    let place = function.place.flatMap { place in
      place.line == 0 ? nil : "\(place.path.split(separator: "/").last ?? ""):\(place.line):\(place.column)"
    }
    return "\(function.name ?? "??") \(place ?? "?")"
  }

  /// Files that a disk or an attacker has damaged: nothing outside them is read, and the reader
  /// finishes each of them.
  @Test func damagedFiles_neverTrap() throws {
    let seconds = ProcessInfo.processInfo.environment["FUZZ_SECONDS"].flatMap(Double.init) ?? 1
    let seed = UInt64.random(in: .min ... .max)
    print("fuzzing with seed \(seed)")
    var generator = SplitMix(state: seed)
    let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("SymbolFiles")
    let whole = try FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil)
      .filter { $0.pathExtension == "so" }.map { try Data(contentsOf: $0) }
    #expect(whole.count == 2)
    let damaged = FileManager.default.temporaryDirectory.appendingPathComponent("symbols-\(UUID().uuidString)")
    defer { try? FileManager.default.removeItem(at: damaged) }
    let deadline = Date().addingTimeInterval(seconds)
    var lines = 0
    while Date() < deadline {
      var bytes = [UInt8](whole.randomElement(using: &generator)!)
      let base = Int.random(in: 0..<bytes.count, using: &generator)
      for _ in 0..<Int.random(in: 0...24, using: &generator) {
        let position =
          Bool.random(using: &generator)
          ? (base + Int.random(in: 0..<512, using: &generator)) % bytes.count
          : Int.random(in: 0..<bytes.count, using: &generator)
        bytes[position] = [0, 0xFF, .random(in: 0...255, using: &generator)].randomElement(using: &generator)!
      }
      if Int.random(in: 0..<10, using: &generator) == 0 {
        bytes.removeLast(Int.random(in: 0..<bytes.count, using: &generator))
      }
      try Data(bytes).write(to: damaged)
      guard let file = audit_open_symbol_file(damaged.path) else { continue }
      defer { audit_close_symbol_file(file) }
      var found = [audit_symbolication](repeating: audit_symbolication(), count: 64)
      for index in found.indices { found[index].address = 0x2C0 + UInt64(index) }
      audit_symbolicate(file, &found, found.count)
      lines += found.filter { $0.place.file != nil }.count
    }
    #expect(lines > 0)
  }

  /// DWARF 4 and 5: the file `sources.c` beside them was compiled to both.
  @Test(arguments: ["dwarf4.so", "dwarf5.so"])
  func inlinedFunctions_areFoundInBothVersions(_ name: String) throws {
    let path = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .appendingPathComponent("SymbolFiles/\(name)").path
    let image = LoadedImage(begin: 0, end: 0, bias: 0, path: path, pathToOpen: path, buildID: "")
    let file = try #require(SymbolFile(path: path, image: image))
    let addresses = (0..<0x69).map { 0x2C0 + UInt64($0) }
    let chains = file.symbolicate(addresses).map(\.functions)
    #expect(chains.allSatisfy { $0.last?.place?.path.hasSuffix("/sources.c") == true })
    #expect(Set(chains.compactMap { $0.last?.name }) == ["first", "second"])
    // `square` in `twice` in one of the two, each called where the source says.
    let deepest = try #require(chains.first { $0.count == 3 })
    #expect(deepest.map(\.name) == ["square", "twice", deepest[2].name])
    #expect(deepest.map(\.isInlined) == [true, true, false])
    #expect(deepest[1].place?.line == 8)
  }
}

#endif
