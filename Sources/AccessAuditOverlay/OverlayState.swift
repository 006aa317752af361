// SPDX-License-Identifier: Apache-2.0
//
// What is known of an overlay from the run before: which files were copied, what was done to each
// module, and what did not compile. A file; reading and writing it.

#if Scanner && canImport(Glibc)

package import AccessAuditScanner
import Foundation

/// How a variable is audited, or why it is not.
package struct InstrumentedVariable: Codable, Sendable, Equatable {
  package enum Form: String, Codable, Sendable {
    /// Its type is the audited one.
    case type
    /// `@Audited` watches it.
    case wrapper
    case none
  }

  package var symbol: String
  package var path: String
  package var line: Int
  package var form: Form
  /// Why it keeps its type, or is left alone.
  package var reason: String?

  package init(symbol: String, path: String, line: Int, form: Form, reason: String?) {
    (self.symbol, self.path, self.line, self.form, self.reason) = (symbol, path, line, form, reason)
  }
}

package struct OverlayState: Codable, Sendable {
  package struct File: Codable, Sendable {
    package var source: FileStamp
    package var copy: FileStamp
  }

  package struct Module: Codable, Sendable {
    package var variables: [InstrumentedVariable]
    /// The files that differ from the package's.
    package var rewritten: [String]

    package init(variables: [InstrumentedVariable] = [], rewritten: [String] = []) {
      (self.variables, self.rewritten) = (variables, rewritten)
    }
  }

  /// The tool that made the overlay, and the package's place: with another one it is made anew.
  package var maker: String
  package var files: [String: File] = [:]
  /// Modules that are as the package's sources and the limits have them.
  package var modules: [String: Module] = [:]
  /// By module and symbol: what later runs need not try again.
  package var limits: [String: [String: AdoptionLimit]] = [:]
  /// What the targets were made of.
  package var targetsKey = ""
  package var targets: [PackageTarget] = []

  package init(maker: String) { self.maker = maker }

  /// The state in a file; an empty one when there is none of this maker's.
  package init(contentsOf path: String, maker: String) {
    self.init(maker: maker)
    guard let data = FileManager.default.contents(atPath: path),
      let known = try? JSONDecoder().decode(OverlayState.self, from: data), known.maker == maker
    else { return }
    self = known
  }

  package func write(to path: String) throws {
    try FileCopy.write(Array(JSONEncoder().encode(self)), to: path, mode: 0o644)
  }

  /// Forgets what was known of files that are about to be written, so that a run that is broken
  /// off leaves nothing behind that the next one takes for finished.
  package mutating func open(_ paths: [String]) {
    for path in paths { files[path] = nil }
    let open = Set(paths)
    for target in targets where target.sources.contains(where: open.contains) { modules[target.name] = nil }
  }

  /// Takes down that a file is copied, as it was when it was listed.
  package mutating func close(_ path: String, _ source: FileStamp?, in overlay: Overlay) {
    guard let source, let copy = FileStamp("\(overlay.root)/\(path)") else {
      files[path] = nil
      return
    }
    files[path] = File(source: source, copy: copy)
  }
}

#endif
