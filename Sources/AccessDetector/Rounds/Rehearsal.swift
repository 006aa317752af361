// SPDX-License-Identifier: Apache-2.0
//
// A violation that nobody made, from which a report is made once for nobody: what the runtime makes
// when code runs for the first time is there afterwards. Called by the detector.

#if AUDITED && canImport(Glibc)

internal import AccessRecorder
internal import AccessReports
internal import AccessTerms
internal import AccessWindows
internal import CAccessRecorder
internal import Glibc
internal import Synchronization

/// What the detector needs for a report, and must not ask for while a thread has crashed inside
/// malloc.
///
/// The first use of a type has the runtime grow its tables. It frees the old ones, which another
/// thread may have allocated: for that it needs the lock of that thread's arena, and a thread that
/// crashed with it held never gives it back.
///
/// It is done in the round that finds a collection which two threads have touched: a program
/// without any pays nothing. The files that names are looked for in are opened by the first report:
/// mapping the symbols of a large executable is no work for a program that may have no race.
enum Rehearsal {
  /// Runs `body` unless that was done, in this process or in the one that it was forked from. A
  /// violation that waits for the detector comes first.
  static func once(_ body: () -> Void) {
    guard RehearsalPhase.begin() else { return }
    body()
    RehearsalPhase.end()
  }

  private enum Nothing: MonitoredCollection {
    static var collectionKind: CollectionKind { .dictionary }
  }

  /// A pending report of a collection that exists as long as `body` runs.
  static func withPendingReport(_ body: (PendingReport, [HistoryRecord]) -> Void) {
    let monitor = Monitor(
      storage: CollectionKind.dictionary.emptyStorage, id: 0, creationStackID: 0, creatorThreadID: audit_thread_id(),
      type: Nothing.self, labelID: 0, version: 1, writer: 0, bias: WriterBias.none, isPinned: false)
    withExtendedLifetime(monitor) {
      let reference = MonitorReference(address: Unmanaged.passUnretained(monitor).toOpaque())
      let conflict = Conflict(
        kind: .destroyedDuringAccess, monitor: reference, operation: .subscriptGet, isWriting: false,
        before: VersionWord(rawValue: 0), otherSlot: 0, isInProgress: true)
      _ = PendingCrashReport.make(audit_crash_note())
      let id = stackID
      var detected = OtherParty.find(conflict)
      detected.threadID = audit_thread_id()
      detected.operation = .subscriptGet
      detected.stackID = id
      detected.sequence = 0
      detected.threadName = ProcessNames.thread(detected.threadID)
      var conflicting = detected
      conflicting.operation = .subscriptSet
      conflicting.sequence = nil
      let pendingReport = PendingReport(
        kind: .crashDuringAccess, collection: Conflicts.describe(reference), detected: detected,
        conflicting: conflicting, conflictingIsInProgress: true, moment: .now(), signal: SIGSEGV)
      let records = (0..<3).map { number in
        HistoryRecord(
          threadID: audit_thread_id(),
          record: AccessRecord(
            sequence: UInt64(number), collectionID: 0, version: VersionWord(rawValue: UInt64(number & 1)),
            stackID: id, operation: .subscriptGet, flags: [], coarseMilliseconds: 0))
      }
      body(pendingReport, AccessHistory.collect(0, limit: 1) + AccessHistory.inOrder(records, limit: 3))
    }
  }

  /// The stack of the made-up accesses; 0 where there is no memory for stacks.
  private static var stackID: UInt32 {
    var addresses = ownAddresses + [libraryAddress]
    let count = addresses.count
    return addresses.withUnsafeMutableBufferPointer { addresses in
      // Any number: no chain of frames is looked for by it.
      ThreadRegistry.prepareStacks()?.insert(
        0x6265_6669, RawTrace(addresses.baseAddress!, count: count), hidesFrames: false) ?? 0
    }
  }

  /// Addresses in the image that this code lies in: a function with a line, one without, a function
  /// that awaits.
  private static var ownAddresses: [UInt64] {
    let address = UInt64(unsafeBitCast(audit_thread_id as @convention(c) () -> Int32, to: UInt.self)) &+ 1
    return [address, address &- 100, address | ResumePoint.mark]
  }

  /// An address in the C library, whose file is small.
  private static var libraryAddress: UInt64 {
    UInt64(unsafeBitCast(getpid as @convention(c) () -> pid_t, to: UInt.self)) &+ 1
  }

  /// Finds names for the made-up stack: in the C library's file those that are there, and for the
  /// program's own functions made-up ones, because its file may be large.
  static func symbolicator() -> Symbolicator {
    let addresses = ThreadRegistry.stacks?.addresses(of: stackID) ?? []
    var known: [UInt64: SymbolicatedAddress] = [:]
    for address in addresses.dropLast() {
      known[address] = .made(name: "$s7Program4mainyyF", path: "/proc/self/comm", line: 1)
    }
    if addresses.count > 1 {
      known[addresses[1] &- 5] = known[addresses[1]]
      known[addresses[1]] = .made(name: "$s7Program4mainyyF", path: nil, line: 0)
    }
    return Symbolicator(knowing: known)
  }
}

#endif
