// SPDX-License-Identifier: Apache-2.0
//
// The files of the reports of XCTest's failures, which can have no attachments.

internal import AccessAudit
internal import Foundation
internal import Synchronization

enum ReportFolder {
  private static let lastNumber = Atomic<Int>(0)
  /// The folder, made when the first report comes; `nil` when it cannot be made.
  private static let folder: String? = {
    let named = ProcessInfo.processInfo.environment["ACCESS_AUDIT_REPORTS"] ?? ""
    if named.isEmpty {
      // A new one, readable by its owner alone.
      var template = Array("\(FileManager.default.temporaryDirectory.path)/access-audit-XXXXXX".utf8CString)
      return mkdtemp(&template).map { String(cString: $0) }
    }
    let isMade: Void? = try? FileManager.default.createDirectory(
      atPath: named, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
    return isMade.map { URL(fileURLWithPath: named).standardizedFileURL.path }
  }()

  /// Writes the report as text and as JSON; returns the path of the text, or `nil` when it could
  /// not be written.
  static func write(_ violation: Violation) -> String? {
    guard let folder else { return nil }
    let number = lastNumber.wrappingAdd(1, ordering: .relaxed).newValue
    let path = "\(folder)/access-audit.\(getpid()).\(number)"
    guard create("\(path).txt", violation.textReport) else { return nil }
    _ = create("\(path).json", violation.jsonReport)
    return "\(path).txt"
  }

  private static func create(_ path: String, _ text: String) -> Bool {
    let descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else { return false }
    let file = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
    return (try? file.write(contentsOf: Data(text.utf8))) != nil
  }
}
