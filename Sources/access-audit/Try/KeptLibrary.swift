// SPDX-License-Identifier: Apache-2.0
//
// The audited types as they are built once and kept, so that no trial compiles them: the modules,
// one archive, and the arguments that the compiler and the linker need. Reads and names files.

#if Scanner && canImport(Glibc)
import AccessAuditOverlay
import Foundation

/// How a trial gets the audited types: as they are kept, or by compiling their package.
struct LibraryUse {
  let package: LibraryPackage
  var built: KeptLibrary?
}

struct KeptLibrary {
  /// The folder that all of it is in.
  let folder: String

  private var modules: String { "\(folder)/modules" }
  private var archive: String { "\(folder)/libAccessAudit.a" }
  /// The libraries that the archive needs, one a line. It is written last.
  private var needs: String { "\(folder)/needs" }

  var isThere: Bool { [modules, archive, needs].allSatisfy(FileManager.default.fileExists) }

  /// What every Swift target is given that may read an audited module.
  var compilerArguments: [String] {
    let maps = ((try? FileManager.default.contentsOfDirectory(atPath: modules)) ?? []).filter {
      $0.hasSuffix(".modulemap")
    }
    return ["-I", modules] + maps.sorted().flatMap { ["-Xcc", "-fmodule-map-file=\(modules)/\($0)"] }
  }

  /// What a program with an audited target is linked with. The archive has one member, which is
  /// linked whole or, where nothing is audited, not at all.
  var linkerArguments: [String] {
    let libraries = (try? String(contentsOfFile: needs, encoding: .utf8)) ?? ""
    return
      ([archive, "--push-state", "--as-needed"] + libraries.split(separator: "\n").map(String.init)
      + ["--pop-state"]).flatMap { ["-Xlinker", $0] }
  }

  /// Takes what a build has made into the folder.
  ///
  /// - Parameters:
  ///   - products: the build's folder of modules and objects.
  ///   - target: the target of the build that is not the library's.
  ///   - tools: the folder of the toolchain's programs.
  /// - Returns: what failed; `nil` when nothing did.
  func fill(from products: String, without target: String, tools: String) throws -> String? {
    try FileCopy.makeFolder(modules)
    var objects: [String] = []
    let files = FileManager.default
    for name in try files.contentsOfDirectory(atPath: products).sorted() where name.hasSuffix(".build") {
      let module = String(name.dropLast(".build".count))
      let built = (files.enumerator(atPath: "\(products)/\(name)")?.compactMap { $0 as? String } ?? []).filter {
        $0.hasSuffix(".o")
      }
      guard module != target, !built.isEmpty else { continue }
      objects += built.sorted().map { "\(products)/\(name)/\($0)" }
      let swift = "\(products)/Modules/\(module).swiftmodule"
      if files.fileExists(atPath: swift) {
        try FileCopy.copy(swift, to: "\(modules)/\(module).swiftmodule", mode: 0o644)
      } else {
        try FileCopy.copy(
          "\(products)/\(name)/module.modulemap", to: "\(modules)/\(module).modulemap", mode: 0o644)
      }
    }
    let (object, list, found) = ("\(folder)/all.o", "\(folder)/objects", "\(folder)/found")
    try FileCopy.write(Array(objects.map { "\"\($0)\"\n" }.joined().utf8), to: list, mode: 0o644)
    let commands = [
      ["\(tools)/ld.lld", "-r", "-o", object, "@\(list)"],
      ["\(tools)/swift-autolink-extract", object, "-o", found],
      ["\(tools)/llvm-ar", "rcs", archive, object],
    ]
    if files.fileExists(atPath: archive) { try files.removeItem(atPath: archive) }
    for command in commands {
      let (status, output) = try PipedProgram(arguments: command, folder: folder).collect()
      if status.exitStatus != 0 { return "\(command[0]): \(output)" }
    }
    // Those that the sources name, and those that the package's manifest names.
    let libraries = try String(contentsOfFile: found, encoding: .utf8).split(separator: "\n").map(String.init)
    for path in [object, list, found] { try files.removeItem(atPath: path) }
    try FileCopy.write(
      Array((libraries + ["-lunwind-generic", "-lunwind"]).joined(separator: "\n").utf8), to: needs, mode: 0o644)
    return nil
  }
}
#endif
