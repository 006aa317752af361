// SPDX-License-Identifier: Apache-2.0
//
// What a built program offers to the audit: whether it is in, and whether its reports will have
// names, lines and whole stacks. Reads the program and the files with its symbols.

#if Scanner && canImport(Glibc)

internal import AccessAuditReports
internal import Foundation

struct ProgramFacts {
  enum Symbols: Equatable {
    case none
    case names
    case lines
    /// In a file of their own.
    case separate(String)
  }

  var path: String
  var audit: ProgramFile.Audit
  var buildID: String?
  var symbols = Symbols.none
  /// The share of the program's Swift functions that set the frame pointer; `nil` when there is
  /// nothing to tell it by.
  var framePointers: Double?
  /// The needed libraries of libunwind.
  var unwinders: [String] = []
  private var runPaths: [String] = []

  /// Functions that are looked at.
  private static let sampleSize = 2_000
  /// A function of fewer bytes may be one that calls nothing, and needs no frame.
  private static let smallFunction = 64

  init?(path: String, symbols places: [String]) {
    guard let bytes = try? Data(contentsOf: URL(fileURLWithPath: path), options: .alwaysMapped),
      let file = ELFFile(bytes)
    else { return nil }
    self.path = path
    let notes = ProgramFile(named: path)
    audit = notes.audit
    buildID = notes.buildID
    unwinders = file.dynamic(1).filter { $0.hasPrefix("libunwind") }
    runPaths = (file.dynamic(29) + file.dynamic(15)).flatMap { $0.split(separator: ":").map(String.init) }
    var named = file
    if file.section(".symtab") != nil {
      symbols = file.section(".debug_line") != nil ? .lines : .names
    } else if let (place, other) = Self.separate(buildID, in: places) {
      symbols = .separate(place)
      named = other
    }
    framePointers = Self.share(of: named.functions(prefix: Array("$s".utf8), atLeast: Self.smallFunction), in: file)
  }

  /// The file below the places that has the symbols of this build.
  private static func separate(_ buildID: String?, in places: [String]) -> (String, ELFFile)? {
    guard let buildID, buildID.utf8.count > 2 else { return nil }
    let keyed = "\(buildID.prefix(2))/\(buildID.dropFirst(2)).debug"
    for place in places + ["/usr/lib/debug"] {
      var candidates = ["\(place)/.build-id/\(keyed)", "\(place)/\(keyed)"]
      var isFolder: ObjCBool = false
      guard FileManager.default.fileExists(atPath: place, isDirectory: &isFolder) else { continue }
      if !isFolder.boolValue { candidates = [place] }
      if isFolder.boolValue, place != "/usr/lib/debug" {
        candidates += ((try? FileManager.default.contentsOfDirectory(atPath: place)) ?? []).sorted().map {
          "\(place)/\($0)"
        }
      }
      for candidate in candidates {
        guard let bytes = try? Data(contentsOf: URL(fileURLWithPath: candidate), options: .alwaysMapped),
          let file = ELFFile(bytes), file.section(".symtab") != nil, ProgramFile(named: candidate).buildID == buildID
        else { continue }
        return (candidate, file)
      }
    }
    return nil
  }

  /// The share of functions that begin by setting the frame pointer.
  static func share(of functions: [ELFFile.Function], in file: ELFFile) -> Double? {
    guard functions.count >= 10 else { return nil }
    let step = max(1, functions.count / sampleSize)
    let sample = stride(from: 0, to: functions.count, by: step).map { functions[$0] }
    let setting = sample.count { setsFramePointer(file.code(at: $0.address, count: 48), machine: file.machine) }
    return Double(setting) / Double(sample.count)
  }

  /// Whether the first instructions save the caller's frame pointer and set their own.
  static func setsFramePointer(_ code: [UInt8], machine: Int) -> Bool {
    func holds(_ pattern: [UInt8]) -> Bool {
      code.indices.dropLast(pattern.count - 1).contains { code[$0...].starts(with: pattern) }
    }
    switch machine {
    // `mov %rsp, %rbp`, in its two encodings, or the address of a place on the stack.
    case ELFFile.x86:
      return holds([0x48, 0x89, 0xE5]) || holds([0x48, 0x8B, 0xEC]) || holds([0x48, 0x8D, 0x6C, 0x24])
    // `stp x29, x30, [sp, …]`.
    case ELFFile.arm:
      return stride(from: 0, to: code.count - 3, by: 4).contains {
        code[$0] == 0xFD && code[$0 + 1] & 0x7F == 0x7B && code[$0 + 3] == 0xA9
      }
    default: return false
    }
  }

  /// The needed libraries of libunwind that an image has in none of the folders that are searched.
  func missingUnwinders(in image: String) -> [String] {
    let root = image == "/" ? "" : image
    let machines = ["x86_64-linux-gnu", "aarch64-linux-gnu"]
    let folders =
      ["/lib", "/usr/lib", "/lib64", "/usr/lib64", "/usr/local/lib", "/usr/local/lib64"].flatMap { folder in
        [folder] + machines.map { "\(folder)/\($0)" }
      } + runPaths.filter { $0.hasPrefix("/") }
    return unwinders.filter { name in
      !folders.contains { FileManager.default.fileExists(atPath: "\(root)\($0)/\(name)") }
    }
  }
}

#endif
