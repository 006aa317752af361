// SPDX-License-Identifier: Apache-2.0
//
// Names and lines for the frames of a report that was made elsewhere, from files that have the
// symbols: a program that was stripped, or that has moved. Reads files; a file counts only when its
// build ID is that of the image in the report.

#if REPORTS && canImport(Glibc)

internal import CAccessSymbols
internal import Glibc

/// Files with symbols, and what they say of reports.
package final class ReportSymbols {
  /// Files and folders to look in.
  private let places: [String]
  private var files: [String: SymbolFile?] = [:]
  /// The files below the folders by their build IDs, made when one is looked for.
  private lazy var index: [String: String] = makeIndex()
  /// What is worth telling of images whose frames got no names.
  package private(set) var notes: [String] = []
  private var notedImages: Set<String> = []

  /// - Parameter places: files, or folders: of programs, of `NAME.debug` files, or in the layouts
  ///   of debuginfod and of debuggers (`.build-id`, `debuginfo`).
  package init(_ places: [String]) { self.places = places }

  /// The violation with the names that the files have.
  package func resolve(_ violation: Violation) -> Violation {
    var violation = violation
    let images = Dictionary((violation.images ?? []).map { ($0.name, $0) }) { one, _ in one }
    for side in violation.accesses.indices {
      violation.accesses[side].stack = resolve(violation.accesses[side].stack, images)
      if violation.accesses[side].excerpt == nil {
        violation.accesses[side].excerpt = violation.accesses[side].stack.location.flatMap(SourceExcerpts.around)
      }
    }
    if let created = violation.container.created {
      violation.container.created?.stack = resolve(created.stack, images)
    }
    for entry in violation.history.indices {
      guard let frame = violation.history[entry].frame else { continue }
      let frames = resolve([frame], images)
      violation.history[entry].frame = frames.location ?? frames.first
    }
    return violation
  }

  private func resolve(_ stack: [Violation.Frame], _ images: [String: Violation.Image]) -> [Violation.Frame] {
    var result: [Violation.Frame] = []
    for frame in stack {
      guard frame.line == nil, !frame.inlined, frame.category != .system, let name = frame.image,
        let offset = frame.offset.flatMap(Self.number), let image = images[name]
      else {
        result.append(frame)
        continue
      }
      result += file(of: image).flatMap { functions(frame, offset, $0) } ?? [frame]
    }
    return result.withFramesOfTheProgram
  }

  /// The frame as the file has it; `nil` when it has nothing of it.
  private func functions(_ frame: Violation.Frame, _ offset: UInt64, _ file: SymbolFile) -> [Violation.Frame]? {
    // The call before a return address; a resume point is where the function goes on.
    let found = file.symbolicate([frame.isAwaiting ? offset : offset &- 1])
    guard let functions = found.first?.functions, functions.contains(where: { $0.name != nil }) else { return nil }
    return functions.map { frame.named($0) }
  }

  private static func number(_ hexadecimal: String) -> UInt64? { UInt64(hexadecimal.dropFirst(2), radix: 16) }

  private func file(of image: Violation.Image) -> SymbolFile? {
    let key = image.buildID ?? image.name
    if let known = files[key] { return known }
    let file = find(image)
    files[key] = .some(file)
    return file
  }

  private func find(_ image: Violation.Image) -> SymbolFile? {
    guard let buildID = image.buildID, buildID.count > 2 else {
      note(image, "has no build ID, so that no file can be shown to be its own")
      return nil
    }
    for path in candidates(image, buildID) {
      guard let file = SymbolFile(path: path), file.kind != AUDIT_SYMBOLS_NONE, file.buildID == buildID else {
        continue
      }
      if file.kind == AUDIT_SYMBOLS_COMPRESSED {
        note(
          image,
          "'\(path)' has compressed debug information, of which only names are read: decompress it with "
            + "`objcopy --decompress-debug-sections`")
      }
      return file
    }
    // The right name with another build is worth a word: it is the usual mistake.
    for path in places.flatMap({ [$0, "\($0)/\(image.name)"] }) {
      guard path.split(separator: "/").last.map(String.init) == image.name, let file = SymbolFile(path: path),
        file.kind != AUDIT_SYMBOLS_NONE
      else { continue }
      note(
        image,
        "'\(path)' is another build of it: build ID \(file.buildID.isEmpty ? "none" : file.buildID), wanted \(buildID)")
      return nil
    }
    note(image, "no file with its build ID \(buildID) was found")
    return nil
  }

  private func candidates(_ image: Violation.Image, _ buildID: String) -> [String] {
    let split = "\(buildID.prefix(2))/\(buildID.dropFirst(2))"
    var paths = places.flatMap { place in
      [
        place, "\(place)/.build-id/\(split).debug", "\(place)/\(split).debug", "\(place)/\(buildID)/debuginfo",
        "\(place)/\(buildID)/executable", "\(place)/\(image.name).debug", "\(place)/\(image.name)",
      ]
    }
    if let indexed = index[buildID] { paths.append(indexed) }
    return paths
  }

  private func note(_ image: Violation.Image, _ text: String) {
    guard !FrameCategories.isSystemImage(image.name), notedImages.insert(image.name).inserted else { return }
    notes.append("\(image.name): \(text)")
  }

  /// Files that are looked at in all, and folders inside folders.
  private static let indexLimit = 4_096
  private static let depthLimit = 4

  private func makeIndex() -> [String: String] {
    var index: [String: String] = [:]
    var looked = 0
    func look(_ folder: String, depth: Int) {
      guard depth <= Self.depthLimit, let stream = opendir(folder) else { return }
      defer { closedir(stream) }
      while let entry = readdir(stream), looked < Self.indexLimit {
        let name = withUnsafePointer(to: &entry.pointee.d_name) {
          $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
        }
        if name == "." || name == ".." { continue }
        let path = "\(folder)/\(name)"
        var status = stat()
        // Links are not followed: they may lead round in a circle.
        guard lstat(path, &status) == 0 else { continue }
        if status.st_mode & S_IFMT == S_IFDIR { look(path, depth: depth + 1) }
        guard status.st_mode & S_IFMT == S_IFREG else { continue }
        looked += 1
        guard let file = SymbolFile(path: path), file.kind != AUDIT_SYMBOLS_NONE, !file.buildID.isEmpty else {
          continue
        }
        // Of two files of one build, the one that has lines.
        if index[file.buildID] == nil || file.kind == AUDIT_SYMBOLS_LINES { index[file.buildID] = path }
      }
    }
    for place in places { look(place, depth: 0) }
    return index
  }
}

/// What a program's file offers for reports.
package enum ProgramSymbols {
  /// One line.
  package static func describe(_ path: String) -> String {
    guard let file = SymbolFile(path: path), file.kind != AUDIT_SYMBOLS_NONE else {
      return "no ELF file of this machine's kind"
    }
    switch file.kind {
    case AUDIT_SYMBOLS_LINES: return "names and lines"
    case AUDIT_SYMBOLS_COMPRESSED: return "names, and compressed debug information"
    default:
      let link = file.debugLink.map { "; its debug information was moved to '\($0)'" } ?? ""
      return (file.isWhole ? "names, no lines" : "stripped: frames are image+offset") + link
    }
  }
}

#endif
