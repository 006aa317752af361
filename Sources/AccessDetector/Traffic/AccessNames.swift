// SPDX-License-Identifier: Apache-2.0
//
// The names that belong to the numbers of observed accesses. Looked up when somebody asks, under a
// lock, on the thread that asks; each stack once.

#if AUDITED && canImport(Glibc)

internal import AccessRecorder
internal import AccessReports
internal import CAccessRecorder

enum AccessNames {
  private struct State {
    var symbolicator: Symbolicator?
    var stacks: [UInt32: [Violation.Frame]] = [:]
    var declarations: [UInt32: String?] = [:]
  }

  /// Stacks that are remembered; then all are forgotten.
  private static var limit: Int { 4_096 }
  private static var state: ForkSafeLock<State> {
    ForkSafeLock(AUDIT_LOCK_ACCESS_NAMES, isInherited: false) { State() }
  }

  /// The frames of a stack, innermost first.
  static func frames(_ stackID: UInt32) -> [Violation.Frame] {
    stackID == 0 ? [] : state.withLock { frames(stackID, &$0) }
  }

  private static func frames(_ stackID: UInt32, _ state: inout State) -> [Violation.Frame] {
    if let known = state.stacks[stackID] { return known }
    let symbolicator = state.symbolicator ?? Symbolicator()
    state.symbolicator = symbolicator
    if state.stacks.count >= limit { state.stacks.removeAll() }
    let frames = symbolicator.frames(ThreadRegistry.stacks?.addresses(of: stackID) ?? [])
    state.stacks[stackID] = frames
    return frames
  }

  /// What a collection is called that was made with this stack.
  static func declaration(_ creationStackID: UInt32) -> String? {
    if creationStackID == 0 { return nil }
    return state.withLock { state in
      if let known = state.declarations[creationStackID] { return known }
      let name = Declarations.name(created: frames(creationStackID, &state))
      state.declarations[creationStackID] = .some(name)
      return name
    }
  }

  /// The place that made an access, in one line; empty where it is not known.
  static func site(_ stackID: UInt32) -> String {
    let frames = frames(stackID)
    guard let frame = frames.location ?? frames.first(where: { $0.category != .audit }) ?? frames.first else {
      return ""
    }
    let name = frame.symbol ?? frame.address
    guard let file = frame.file, let line = frame.line else { return name }
    return "\(name) \(file):\(line)"
  }

  static func type(_ address: UInt64) -> String {
    address == 0 ? "" : TypeNames.name(of: unsafeBitCast(UInt(address), to: Any.Type.self))
  }
}

#endif
