// SPDX-License-Identifier: Apache-2.0
//
// A model of the write and read windows: every atomic step of the protocol as one transition of a
// small state, so that all interleavings of a few threads can be visited. It mirrors WriteWindow,
// ReadWindow and Monitor.fork under `halt`, and the detector that frees retired monitors. It shares
// no code with them: it proves the protocol, not its implementation. The memory order is that of
// releasing stores and acquiring loads on x86-64: each step is atomic and in program order. The
// model assumes that the detector keeps a retired monitor longer than any thread is interrupted,
// see `mayFree`.

#if AUDITED && canImport(Glibc)

import TestSupport

/// The state of all threads, variables and monitors between two steps.
struct ModelState: Hashable {
  struct Version: Hashable {
    var counter = 0
    var writer = -1
    var isRetired = false
    /// A retired monitor's version stays odd.
    var isOdd: Bool { counter % 2 == 1 || isRetired }
  }

  struct Home: Hashable {
    var variable: Int
    var thread: Int
  }

  struct Monitor: Hashable {
    var version = Version()
    var writer: Home?
    /// Strong references: variables that refer to it.
    var references = 0
    /// True when the detector has freed its memory.
    var isFreed = false
  }

  enum Step: Hashable {
    case start
    // A writer, by the numbers of the protocol.
    case loadMonitor, loadVersion, claimWriterWord, checkAgain, testUnique, mutate, endVersion, clearWriterWord
    // A reader.
    case readMonitor, readVersion, readAgain, touch, readLast
    // A copy of a variable into another, and the destruction of one.
    case copy, destroy, free
    // Lawful threads hold a lock around their access.
    case acquire, release
    case done
    /// Stopped by a report, as under `halt`.
    case stopped
  }

  struct Thread: Hashable {
    var program: [Action]
    var step = Step.start
    var monitor = -1
    var before = Version()
    /// True when a conflicting access to the same variable by another thread was in progress during
    /// this one.
    var hasOverlapped = false
    /// True for a write between its first load of the version and its end.
    var isWriting = false
    /// True when another thread's write to the same variable was in that state at the same time:
    /// one of the two has to be stopped.
    var mustBeReported = false
    var isInside = false
  }

  enum Action: Hashable {
    case write(Int)
    case read(Int)
    case lockedWrite(Int)
    case lockedRead(Int)
    case copy(from: Int, to: Int)
    case lockedCopy(from: Int, to: Int)
    case destroy(Int)
    /// The detector: frees one retired monitor.
    case free

    var variable: Int {
      switch self {
      case .write(let v), .read(let v), .lockedWrite(let v), .lockedRead(let v), .destroy(let v): v
      case .copy(let v, _), .lockedCopy(let v, _): v
      case .free: -1
      }
    }
    var isWrite: Bool {
      switch self {
      case .write, .lockedWrite, .destroy: true
      default: false
      }
    }
    var isLocked: Bool {
      switch self {
      case .lockedWrite, .lockedRead, .lockedCopy: true
      default: false
      }
    }
  }

  var monitors: [Monitor]
  /// The monitor each variable refers to; -1 for none.
  var variables: [Int]
  var threads: [Thread]
  var lockOwner = -1
  /// A fault planted in the protocol: the checker has to find its result.
  var planted: PlantedFault?

  enum PlantedFault: Hashable {
    /// The second writer enters although the writer word is taken.
    case ignoresWriterWord
    /// A shared monitor is mutated in place.
    case neverForks
    /// The version and the variable are not checked again after the claim.
    case checksOnce
    /// A retired monitor is freed while a thread that has loaded its address has yet to use it.
    case freesAtOnce
    /// The second check of the version is omitted: a write that ended meanwhile is missed.
    case trustsWriterWordAlone
  }

  /// `sharing` gives the monitor that each variable begins with.
  init(sharing: [Int], programs: [[Action]], planted: PlantedFault? = nil) {
    self.planted = planted
    variables = sharing
    monitors = (0..<((sharing.max() ?? 0) + 1)).map { _ in Monitor() }
    for monitor in sharing where monitor >= 0 { monitors[monitor].references += 1 }
    threads = programs.map { Thread(program: $0) }
  }
}

/// A fault in a state that an interleaving led to.
enum ModelFault: Error, Equatable {
  case falseReport(thread: Int)
  case twoWritersInside(variable: Int)
  case mutationOfRetiredMonitor(thread: Int)
  case mutationOfSharedMonitor(thread: Int)
  case windowLeftOpen
  case useOfFreedMonitor(thread: Int)
  case missedWriteWrite(thread: Int)
}

/// The results of all interleavings of a state.
struct ModelOutcome {
  var states = 0
  /// Final states in which some thread had been stopped by a report.
  var reported = 0
  var silent = 0
  /// Final states without a report although conflicting accesses had overlapped.
  var missed = 0
}

enum ModelChecker {
  /// Visits every state that can be reached from the given one.
  ///
  /// - Throws: the first fault found.
  static func explore(_ initial: ModelState) throws -> ModelOutcome {
    var outcome = ModelOutcome()
    outcome.states = try StateSpace.visit(from: initial) { state in
      let successors = try state.threads.indices.compactMap { try state.step($0) }
      if successors.isEmpty { try count(state, in: &outcome) }
      return successors
    }
    return outcome
  }

  private static func count(_ state: ModelState, in outcome: inout ModelOutcome) throws {
    let isStopped = state.threads.contains { $0.step == .stopped }
    if isStopped {
      outcome.reported += 1
      return
    }
    let isOpen = state.monitors.contains { $0.references > 0 && ($0.writer != nil || $0.version.isOdd) }
    if isOpen { throw ModelFault.windowLeftOpen }
    // Where the writer word is ignored on purpose, only the worse of the two faults counts.
    if state.planted != .ignoresWriterWord, let missed = state.threads.firstIndex(where: \.mustBeReported) {
      throw ModelFault.missedWriteWrite(thread: missed)
    }
    outcome.silent += 1
    if state.threads.contains(where: \.hasOverlapped) { outcome.missed += 1 }
  }
}

#endif
