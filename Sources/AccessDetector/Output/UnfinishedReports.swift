// SPDX-License-Identifier: Apache-2.0
//
// What is known of violations whose reports were not finished when the process ended: parties,
// stacks as addresses. No symbolication, which is what took too long.

#if AUDITED && canImport(Glibc)

internal import AccessRecorder
internal import AccessTerms
internal import AccessWindows
internal import CAccessRecorder
internal import Glibc

enum UnfinishedReports {
  /// PendingReports told in full; more are counted.
  private static let limit = 16

  static func text(_ pendingReports: [PendingReport]) -> String {
    var lines = [
      "==================",
      "AccessAudit: \(pendingReports.count) violation\(pendingReports.count == 1 ? " was" : "s were") seen, and the process "
        + "ends before the report is made; what is known (pid=\(getpid())):",
    ]
    for pendingReport in pendingReports.prefix(limit) {
      let kind = pendingReport.collection.type.collectionKind
      lines.append("fatal error: \(pendingReport.kind.message(for: kind))")
      lines += party(of: pendingReport.detected, "by")
      lines += party(of: pendingReport.conflicting, pendingReport.conflictingIsInProgress ? "in progress by" : "by")
    }
    if pendingReports.count > limit { lines.append("  and \(pendingReports.count - limit) more") }
    lines.append("  Names and lines: addr2line -f -e IMAGE OFFSET")
    lines.append("==================")
    return lines.joined(separator: "\n")
  }

  private static func party(of access: PendingReportAccess, _ word: String) -> [String] {
    let name = access.threadName.map { " '\(TextEscaping.printable($0))'" } ?? ""
    let operation = access.operation.map { " (\($0.rawValue))" } ?? ""
    var lines = ["  \(access.isWriting ? "Write" : "Read")\(operation) \(word) thread \(access.threadID)\(name):"]
    let addresses = ThreadRegistry.stacks?.addresses(of: access.stackID) ?? []
    for (index, address) in addresses.enumerated() where !ResumePoint.isMarked(address) {
      lines.append("    #\(index) \(place(of: address))")
    }
    if addresses.isEmpty { lines.append("    (no stack)") }
    return lines
  }

  /// The image and the offset in it of the call that returns to an address.
  private static func place(of address: UInt64) -> String {
    let call = address &- 1
    var base: UInt = 0
    guard let file = audit_image(UInt(call), &base) else { return "0x" + String(address, radix: 16) }
    let offset = UInt(call) &- base
    return "\(TextEscaping.printable(String(cString: file)))+0x\(String(offset, radix: 16))"
  }
}

#endif
