// SPDX-License-Identifier: Apache-2.0
//
// The object files of the package's modules, for what the tests compile and link by themselves.

import Foundation

enum ModuleObjects {
  private static let sources = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent().appendingPathComponent("Sources")

  /// The audited collections and all that is behind them.
  static let audit = [
    "CAccessRecorder", "CAccessSymbols", "AccessTerms", "AccessRecorder", "AccessWindows", "AccessReports",
    "AccessDetector", "AccessAudit", "AuditedCollections",
  ]

  /// The compiler's arguments for the modules in C.
  static var moduleMaps: [String] {
    ["CAccessRecorder", "CAccessSymbols"].flatMap {
      ["-Xcc", "-fmodule-map-file=\(Program.products.path)/\($0).build/module.modulemap"]
    }
  }

  /// The paths of the objects of some modules. The folder of a module keeps the objects of sources
  /// that are no more.
  static func paths(_ modules: [String]) -> [String] {
    modules.flatMap { module in
      let names = Set(files(sources.appendingPathComponent(module)).map(\.lastPathComponent))
      return files(Program.products.appendingPathComponent("\(module).build")).filter { file in
        let source = file.deletingPathExtension().lastPathComponent
        return file.pathExtension == "o" && (names.contains(source) || source == "\(module).swiftmodule")
      }.map(\.path)
    }
  }

  private static func files(_ folder: URL) -> [URL] {
    (FileManager.default.enumerator(at: folder, includingPropertiesForKeys: nil)?.allObjects ?? []).compactMap {
      $0 as? URL
    }
  }
}
