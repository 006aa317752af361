// SPDX-License-Identifier: Apache-2.0
//
// What an access gets that has waited in vain while another thread has the elements in its hands.
// Slow paths only.

#if AUDITED && canImport(Glibc)

/// A collection takes its storage out of its variable while it mutates, so a monitor whose write
/// does not end can hold no storage at all. Touching that would crash; an empty collection does
/// not.
enum EmptyFallback {
  /// The window of a read that no longer waits: on the collection as it is, or on an empty one
  /// where it is taken apart.
  static func read(_ monitor: MonitorReference) -> ReadWindow {
    if isWhole(monitor) { return ReadWindow(unaudited: monitor.address) }
    return ReadWindow(unaudited: emptyMonitor(like: monitor).address)
  }

  /// The window of a write that no longer waits. Where the collection is taken apart the variable
  /// gets an empty one: the other write, should it ever end, finds its variable replaced.
  static func write(_ variable: UnsafeMutableRawPointer) -> WriteWindow {
    let monitor = MonitorReference(address: MonitorReference.load(from: variable))
    if isWhole(monitor) { return WriteWindow.openUnaudited(variable) }
    let empty = emptyMonitor(like: monitor)
    // For the other write: this replacement is the audit's own.
    monitor.noteFallback()
    empty.publish(in: variable)
    return WriteWindow(unaudited: empty.address)
  }

  /// The window of a write to a variable that is being destroyed: what is written goes nowhere.
  static func nowhere(_ monitor: MonitorReference) -> WriteWindow {
    WriteWindow(unaudited: emptyMonitor(like: monitor).address)
  }

  /// Whether the monitor holds a storage. While a Dictionary or a Set is being mutated its variable
  /// holds a tagged word, whose highest bit is set, as no address of a program has it on any
  /// architecture; `collectionTakenApart_isTold` looks.
  static func isWhole(_ monitor: MonitorReference) -> Bool {
    monitor.storage(as: Int.self).pointee > 0
  }

  /// A new monitor of an empty collection, retained for good by a variable or, after a read, by
  /// nobody: 96 bytes are lost for a wait that was given up, which is counted.
  private static func emptyMonitor(like monitor: MonitorReference) -> MonitorReference {
    let type = monitor.type
    let empty = Monitor(
      storage: type.collectionKind.emptyStorage, id: 0, creationStackID: 0, creatorThreadID: 0, type: type,
      labelID: monitor.labelID, version: 0, writer: 0, bias: WriterBias.none, isPinned: false)
    return MonitorReference(address: Unmanaged.passRetained(empty).toOpaque())
  }
}

#endif
