// SPDX-License-Identifier: Apache-2.0
//
// The line at the end of an audited process: what was audited, and whether anything was seen. The
// numbers are words that the detector has stored; no lock is taken for them.

#if AUDITED && canImport(Glibc)

internal import AccessRecorder
internal import AccessReports
internal import AccessTerms
internal import AccessWindows
internal import CAccessRecorder
internal import Glibc
internal import Synchronization

/// What a process has audited.
struct ExitSummary: Equatable {
  var violations: Int
  var accesses: UInt64
  var collections: UInt64
  var threads: UInt64
  var suspects: Int
  var suppressed: UInt64 = 0
  /// Whether there were more accesses than were counted.
  var isLowerBound = false

  private static var accessesCounted: SharedWord<UInt64> { SharedWord(AUDIT_WORD_COUNTED_ACCESSES) }
  private static var collectionsCounted: SharedWord<UInt64> { SharedWord(AUDIT_WORD_COUNTED_COLLECTIONS) }
  private static var threadsCounted: SharedWord<UInt64> { SharedWord(AUDIT_WORD_COUNTED_THREADS) }
  private static var lossesCounted: SharedWord<UInt64> { SharedWord(AUDIT_WORD_COUNTED_LOSSES) }

  /// Stores the numbers of this process. Called by the detector.
  static func store(accesses: UInt64, collections: UInt64, threads: UInt64, losses: UInt64) {
    accessesCounted.store(accesses, ordering: .relaxed)
    collectionsCounted.store(collections, ordering: .relaxed)
    threadsCounted.store(threads, ordering: .relaxed)
    lossesCounted.store(losses, ordering: .relaxed)
  }

  /// The present numbers, with this many violations.
  static func current(violations: Int) -> ExitSummary {
    ExitSummary(
      violations: violations, accesses: accessesCounted.load(ordering: .relaxed),
      collections: collectionsCounted.load(ordering: .relaxed), threads: threadsCounted.load(ordering: .relaxed),
      suspects: Hunt.pairs.reduce(0) { $0 + ($1.state == .open && $1.times > 0 ? 1 : 0) },
      suppressed: ViolationLog.suppressed, isLowerBound: lossesCounted.load(ordering: .relaxed) > 0)
  }

  /// `AccessAudit: 0 violations in 1,234,567 accesses to 42 collections by 9 threads (3 suspects)`.
  var line: String {
    var notes: [String] = []
    if suspects > 0 { notes.append(Sentences.counted(UInt64(suspects), "suspect")) }
    if suppressed > 0 { notes.append("\(Sentences.grouped(suppressed)) suppressed") }
    return "AccessAudit: \(Sentences.counted(UInt64(violations), "violation")) in \(isLowerBound ? "at least " : "")"
      + Sentences.counted(accesses, "access", plural: "accesses") + " to "
      + Sentences.counted(collections, "collection") + " by " + Sentences.counted(threads, "thread")
      + (notes.isEmpty ? "" : " (\(notes.joined(separator: ", ")))")
  }

  /// The same as a line of JSON, for a program that adds up several processes.
  var json: String {
    JSONValue.object([
      ("schema", .string("access-audit-exit/1")), ("pid", .integer(Int64(getpid()))),
      ("executable", .string(ProcessNames.executable)), ("time", .string(WallClock.timestamp(.now()))),
      ("violations", .integer(Int64(violations))), ("accesses", .unsigned(accesses)),
      ("collections", .unsigned(collections)), ("threads", .unsigned(threads)),
      ("suspects", .integer(Int64(suspects))), ("suppressed", .unsigned(suppressed)),
      ("isLowerBound", .bool(isLowerBound)),
    ]).line() + "\n"
  }

  /// Writes it to where the option `exit_summary` says.
  func write(to destination: String) {
    switch destination {
    case "off": break
    case "stderr", "":
      guard ErrorStream.isStillThere else { return }
      // Less patient than with a report: a program that nobody listens to ends as it would.
      BoundedOutput.write(line + "\n", to: STDERR_FILENO, stallMilliseconds: 200)
    default:
      // One write to the end of the file: several processes may share it.
      let descriptor = open(destination, O_WRONLY | O_CREAT | O_APPEND | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK, 0o600)
      guard descriptor >= 0 else {
        return Diagnostics.warn(
          "cannot write '\(TextEscaping.printable(destination))': \(String(cString: strerror(errno)))")
      }
      Diagnostics.writeAll(json, to: descriptor)
      close(descriptor)
    }
  }
}

#endif
