// SPDX-License-Identifier: Apache-2.0
//
// The transitions of the model, one atomic step each. The numbers are those of the sections Write
// and Read on the documentation page "Protocol".

#if AUDITED && canImport(Glibc)

extension ModelState {
  /// The state after the thread's next step; `nil` when it cannot make one now, or has none left.
  func step(_ index: Int) throws -> ModelState? {
    var state = self
    return try state.advance(index) ? state : nil
  }

  private mutating func advance(_ t: Int) throws -> Bool {
    guard let action = threads[t].program.first else { return false }
    try useMonitor(t)
    switch threads[t].step {
    case .stopped, .done: return false
    case .start: begin(t, action)
    case .acquire:
      guard lockOwner == -1 else { return false }
      lockOwner = t
      threads[t].step = firstStep(action)
      enter(t, action)
    case .release:
      lockOwner = -1
      finish(t)
    case .loadMonitor, .readMonitor:
      guard variables[action.variable] >= 0 else { return skip(t) }
      threads[t].monitor = variables[action.variable]
      threads[t].step = threads[t].step == .loadMonitor ? .loadVersion : .readVersion
    case .loadVersion:  // 1.
      threads[t].before = monitors[threads[t].monitor].version
      threads[t].step = .claimWriterWord
      beginWriting(t, action)
    case .claimWriterWord: return try claim(t, action)  // 2.
    case .checkAgain: try checkAgain(t, action)  // 3.
    case .testUnique: fork(t, action)  // 4.
    case .mutate: try mutate(t, action)  // 6.
    case .endVersion:  // 7.
      monitors[threads[t].monitor].version.counter += 1
      threads[t].isWriting = false
      threads[t].step = .clearWriterWord
    case .clearWriterWord:
      monitors[threads[t].monitor].writer = nil
      leave(t, action)
    case .readVersion, .readAgain, .touch, .readLast: try read(t, action)
    case .copy:
      guard case .copy(let from, let to) = action.unlocked, variables[from] >= 0 else { return skip(t) }
      replace(to, by: variables[from])
      leave(t, action)
    case .destroy:
      replace(action.variable, by: -1)
      leave(t, action)
    case .free:
      guard let retired = monitors.indices.first(where: mayFree) else { return false }
      monitors[retired].isFreed = true
      leave(t, action)
    }
    return true
  }

  /// Every step between the load of the monitor's address and the end of the access uses the
  /// monitor.
  private func useMonitor(_ t: Int) throws {
    let isHeld: Bool
    switch threads[t].step {
    case .loadVersion, .claimWriterWord, .checkAgain, .testUnique, .mutate, .endVersion, .clearWriterWord, .readVersion,
      .readAgain,
      .touch, .readLast:
      isHeld = true
    default: isHeld = false
    }
    if isHeld, monitors[threads[t].monitor].isFreed { throw ModelFault.useOfFreedMonitor(thread: t) }
  }

  /// True for a retired monitor whose address no thread holds. Threads inside an access have
  /// published it, and the detector checks that. The time for which the detector keeps the monitor
  /// stands for the threads that have loaded its address and not yet published it.
  private func mayFree(_ monitor: Int) -> Bool {
    guard monitors[monitor].version.isRetired, !monitors[monitor].isFreed else { return false }
    return planted == .freesAtOnce || !threads.contains { $0.monitor == monitor && $0.step != .stopped }
  }

  /// The truth about two writes, from the first load of the version on.
  private mutating func beginWriting(_ t: Int, _ action: Action) {
    threads[t].isWriting = true
    for other in threads.indices where other != t && threads[other].isWriting {
      guard threads[other].program.first?.variable == action.variable else { continue }
      threads[t].mustBeReported = true
      threads[other].mustBeReported = true
    }
  }

  private mutating func begin(_ t: Int, _ action: Action) {
    if action.isLocked {
      threads[t].step = .acquire
    } else {
      threads[t].step = firstStep(action)
      enter(t, action)
    }
  }

  private func firstStep(_ action: Action) -> Step {
    switch action {
    case .write, .lockedWrite: .loadMonitor
    case .read, .lockedRead: .readMonitor
    case .copy, .lockedCopy: .copy
    case .destroy: .destroy
    case .free: .free
    }
  }

  /// The truth, which the protocol does not see: the accesses to one variable that overlap.
  private mutating func enter(_ t: Int, _ action: Action) {
    threads[t].isInside = true
    for other in threads.indices where other != t && threads[other].isInside {
      guard let theirs = threads[other].program.first, theirs.variable == action.variable,
        theirs.isWrite || action.isWrite
      else { continue }
      threads[t].hasOverlapped = true
      threads[other].hasOverlapped = true
    }
  }

  private mutating func claim(_ t: Int, _ action: Action) throws -> Bool {
    let monitor = threads[t].monitor
    guard let writer = monitors[monitor].writer, planted != .ignoresWriterWord else {
      monitors[monitor].writer = Home(variable: action.variable, thread: t)
      threads[t].step = .checkAgain
      return true
    }
    if writer.variable == action.variable {
      try report(t)
      return true
    }
    if threads[t].before.isOdd {
      // An in-place write by another variable that had this monitor to itself: this variable's
      // value was copied meanwhile.
      try report(t)
      return true
    }
    // Another variable is forking: try again after it.
    return false
  }

  private mutating func checkAgain(_ t: Int, _ action: Action) throws {
    let monitor = threads[t].monitor
    let isReplaced = variables[action.variable] != monitor
    if planted == .trustsWriterWordAlone {
      if isReplaced { return try report(t) }
    } else if planted != .checksOnce,
      monitors[monitor].version != threads[t].before || threads[t].before.isOdd || isReplaced
    {
      return try report(t)
    }
    threads[t].step = .testUnique
  }

  private mutating func fork(_ t: Int, _ action: Action) {
    let old = threads[t].monitor
    if monitors[old].references == 1 || planted == .neverForks {
      monitors[old].version.counter += 1
      monitors[old].version.writer = t
    } else {
      // The new monitor is in the state of the write before the variable refers to it. The old
      // one's writer word is cleared before the reference is dropped.
      var new = Monitor()
      new.version = Version(counter: 1, writer: t)
      new.writer = Home(variable: action.variable, thread: t)
      monitors.append(new)
      monitors[old].writer = nil
      replace(action.variable, by: monitors.count - 1)
      threads[t].monitor = monitors.count - 1
    }
    threads[t].step = .mutate
  }

  private mutating func mutate(_ t: Int, _ action: Action) throws {
    let monitor = threads[t].monitor
    if monitors[monitor].version.isRetired { throw ModelFault.mutationOfRetiredMonitor(thread: t) }
    for other in threads.indices where other != t && threads[other].step == .mutate {
      if threads[other].monitor == monitor { throw ModelFault.twoWritersInside(variable: action.variable) }
    }
    threads[t].step = .endVersion
  }

  private mutating func read(_ t: Int, _ action: Action) throws {
    switch threads[t].step {
    case .readVersion:
      threads[t].before = monitors[threads[t].monitor].version
      if threads[t].before.isOdd && (threads[t].before.writer != t || threads[t].before.isRetired) {
        return try report(t)
      }
      threads[t].step = .readAgain
    case .readAgain, .readLast:
      let now = monitors[threads[t].monitor].version
      if now != threads[t].before && now.writer != t { return try report(t) }
      if threads[t].step == .readLast { leave(t, action) } else { threads[t].step = .touch }
    default: threads[t].step = .readLast
    }
  }

  /// The thread stops with a report, which must be true.
  private mutating func report(_ t: Int) throws {
    if !threads[t].hasOverlapped { throw ModelFault.falseReport(thread: t) }
    threads[t].step = .stopped
  }

  private mutating func replace(_ variable: Int, by monitor: Int) {
    let old = variables[variable]
    variables[variable] = monitor
    if monitor >= 0 { monitors[monitor].references += 1 }
    guard old >= 0 else { return }
    monitors[old].references -= 1
    if monitors[old].references == 0 { monitors[old].version.isRetired = true }
  }

  private mutating func leave(_ t: Int, _ action: Action) {
    threads[t].isInside = false
    if action.isLocked { threads[t].step = .release } else { finish(t) }
  }

  private mutating func skip(_ t: Int) -> Bool {
    threads[t].isInside = false
    if lockOwner == t { lockOwner = -1 }
    finish(t)
    return true
  }

  private mutating func finish(_ t: Int) {
    threads[t].program.removeFirst()
    threads[t].monitor = -1
    threads[t].before = Version()
    threads[t].step = threads[t].program.isEmpty ? .done : .start
  }
}

extension ModelState.Action {
  /// The same action without its lock, for matching.
  var unlocked: ModelState.Action {
    switch self {
    case .lockedWrite(let v): .write(v)
    case .lockedRead(let v): .read(v)
    case .lockedCopy(let from, let to): .copy(from: from, to: to)
    default: self
    }
  }
}

#endif
