// SPDX-License-Identifier: Apache-2.0
//
// The folder in which a package is tried, below its `.build`: everything that `try` writes is in
// it. Its places, and the lock that keeps two runs apart.

#if Scanner && canImport(Glibc)
import AccessAuditOverlay
import Foundation
import Glibc

struct TrialFolder {
  /// The package's folder.
  let package: String
  /// Where everything is written.
  let work: String
  private let lock: FileLock

  var sources: String { "\(work)/sources/\(URL(fileURLWithPath: package).lastPathComponent)" }
  var scratch: String { "\(work)/scratch" }
  var state: String { "\(work)/state.json" }
  /// Where the copy of a dependency is, with what is known of it.
  func place(of dependency: String) -> String { "\(work)/dependencies/\(dependency)" }

  /// The reports and logs of this run.
  var run: String { "\(work)/last" }

  /// Opens the folder, and waits for another run that uses it.
  init(package: String, work: String?) throws {
    self.package = package
    self.work = work ?? "\(package)/.build/access-audit"
    do {
      try FileCopy.makeFolder(self.work)
      // Git does not see the folder, also where it is told nothing of `.build`.
      if FileStamp("\(self.work)/.gitignore") == nil {
        try FileCopy.write(Array("*\n".utf8), to: "\(self.work)/.gitignore", mode: 0o644)
      }
    } catch {
      ToolError.say("error: \(error)")
      throw ToolStatus.internalError
    }
    lock = try FileLock("\(self.work)/lock") { holder in
      ToolError.say("process \(holder) tries this package; waiting until it has ended")
    }
  }

  /// Makes the folder of this run, in place of the last one's.
  func beginRun() throws {
    try ToolError.passing {
      if FileStamp(run) != nil { try FileManager.default.removeItem(atPath: run) }
      try FileManager.default.createDirectory(
        atPath: "\(run)/reports", withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
    }
  }

  /// Keeps the folder of this run under a name of its own, and tells the name.
  func keepRun() throws -> String {
    let format = DateFormatter()
    format.dateFormat = "yyyy-MM-dd-HHmmss"
    let kept = "\(work)/runs/\(format.string(from: Date()))"
    return try ToolError.passing {
      try FileCopy.makeFolder("\(work)/runs")
      try FileManager.default.copyItem(atPath: run, toPath: kept)
      return kept
    }
  }

  /// Removes the overlay, its dependencies, and what was built of them.
  func clean() throws {
    try ToolError.passing {
      for path in ["\(work)/sources", "\(work)/dependencies", scratch, state] where FileStamp(path) != nil {
        try FileManager.default.removeItem(atPath: path)
      }
    }
  }
}
#endif
