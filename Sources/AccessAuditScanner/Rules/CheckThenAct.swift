// SPDX-License-Identifier: Apache-2.0
//
// The rule `check-then-act`. It reads the order of accesses in one body, and locked properties.

#if Scanner

/// A read under one hold of the lock, and a write that depends on it under another.
enum CheckThenAct: Rule {
  static let descriptor = RuleDescriptor(
    id: "check-then-act", severity: .warning,
    summary: "A value is read under the lock and written back under another hold of it.",
    rationale: """
      Between the two holds another thread can do the same. No access overlaps, so no tool that watches memory reports it; \
      but counts are lost, and what must be made once is made twice. A property that locks in its getter and setter does \
      this at every `property[key] = value`.
      """,
    badExample: """
      import Foundation

      final class Hits {
        private let lock = NSLock()
        private var hits: [String: Int] = [:]

        func hit(_ page: String) {
          let before = lock.withLock { hits[page] ?? 0 }
          lock.withLock { hits[page] = before + 1 }
        }
      }
      """,
    goodExample: """
      import Foundation

      final class Hits {
        private let lock = NSLock()
        private var hits: [String: Int] = [:]

        func hit(_ page: String) {
          lock.withLock { hits[page, default: 0] += 1 }
        }
      }
      """,
    limits: """
      Seen in one body, for one key, for `count` or `isEmpty` before a removal, and for a copy of the whole that is \
      assigned back. Of what a `Mutex` keeps, a collection is watched, a struct with collections is not. Looking again inside the second hold \
      makes it right and is recognised. Storing the result of work that may harmlessly be done twice is reported too.
      """)

  private static let sizes: Set<String> = ["count", "isEmpty", "first", "last"]
  private static let takers: Set<String> = ["removeFirst", "removeLast", "popFirst", "popLast"]

  static func findings(_ context: RuleContext) -> [Finding] {
    StepwiseCalls(context).findings()
      + context.profiles.flatMap { profile -> [Finding] in
        if isLockedAccessor(profile, context) { return compound(profile, context) }
        guard profile.wrapper == nil else { return [] }
        let grouped = Dictionary(grouping: profile.accesses) { $0.record.function }
        return grouped.keys.sorted().compactMap { pair(profile, grouped[$0] ?? [], context) }
      }
  }

  /// The first read and write of one body that belong together but are under different holds.
  private static func pair(_ profile: VariableProfile, _ accesses: [SharedAccess], _ context: RuleContext) -> Finding? {
    let ordered = accesses.sorted { $0.record.order < $1.record.order }
    for (position, write) in ordered.enumerated() where write.record.isWrite && isDecisive(write) {
      for read in ordered[..<position].reversed() where !read.record.isWrite {
        guard read.record.frames == write.record.frames,
          belongTogether(read.record, write.record) || putsBack(read.record, write, context),
          let lock = splitGuard(read, write), !looksAgain(ordered[..<position], write, lock)
        else { continue }
        return context.finding(
          descriptor, profile, at: write, against: read,
          "'\(profile.variable.symbol)' is written here from what was read under an earlier hold of "
            + "'\(context.guardName(lock.id))'")
      }
    }
    return nil
  }

  private static func isDecisive(_ write: SharedAccess) -> Bool {
    if takers.contains(write.record.operation) { return true }
    return !write.record.operation.hasPrefix("remov")
  }

  private static func belongTogether(_ read: AccessRecord, _ write: AccessRecord) -> Bool {
    if takers.contains(write.operation) { return sizes.contains(read.operation) }
    guard let key = write.key, let other = read.key else { return false }
    // `d[k, default: 0] += 1` does not depend on the earlier read.
    if write.isCompound, write.operation == "subscript" { return false }
    return key == other
  }

  /// True when a copy of the whole collection is changed outside the lock and assigned back under
  /// another hold.
  private static func putsBack(_ read: AccessRecord, _ write: SharedAccess, _ context: RuleContext) -> Bool {
    guard write.record.operation == "=", read.operation == "value", let copy = read.boundTo,
      let range = write.record.assigned
    else { return false }
    let text = context.sources[write.function.file].text(range.start, range.end)
    return text == copy || text.hasPrefix("\(copy).")
  }

  /// The guard that both accesses hold, exclusively or shared, in different holds.
  private static func splitGuard(_ read: SharedAccess, _ write: SharedAccess) -> Guard? {
    for lock in write.record.held where lock.scope > 0 && (lock.kind == .lock || lock.kind == .queue) {
      if let earlier = read.record.held.first(where: { $0.id == lock.id && $0.scope > 0 }),
        earlier.scope != lock.scope,
        !read.record.held.contains(where: { other in
          other.scope > 0 && write.record.held.contains { $0.scope == other.scope && $0.id == other.id }
        })
      {
        return lock
      }
    }
    return nil
  }

  /// True when a read precedes the write inside the same hold.
  private static func looksAgain(_ earlier: ArraySlice<SharedAccess>, _ write: SharedAccess, _ lock: Guard) -> Bool {
    earlier.contains { access in
      !access.record.isWrite && access.record.held.contains { $0.id == lock.id && $0.scope == lock.scope }
        && (access.record.key == write.record.key || access.record.key == nil)
    }
  }

  // MARK: Locked properties

  /// True for a property whose getter and setter lock separately, written out or through a
  /// wrapper of the module.
  private static func isLockedAccessor(_ profile: VariableProfile, _ context: RuleContext) -> Bool {
    if !profile.variable.isStored { return true }
    guard let wrapper = profile.wrapper else { return false }
    return LockedWrappers.isLockedPair(wrapper, context.index)
  }

  private static func compound(_ profile: VariableProfile, _ context: RuleContext) -> [Finding] {
    var seen: Set<Int> = []
    return profile.accesses.compactMap { access in
      guard access.record.isWrite, access.record.operation != "=", seen.insert(access.record.function).inserted else {
        return nil
      }
      return context.finding(
        descriptor, profile, at: access, against: nil,
        "'\(profile.variable.symbol)' locks once to get and once to set; this change of a part of it is two holds")
    }
  }
}

/// Property wrappers of the module that lock.
enum LockedWrappers {
  /// True for a wrapper whose `wrappedValue` locks in its getter and in its setter, and has no
  /// in-place accessor.
  static func isLockedPair(_ name: String, _ index: ModuleIndex) -> Bool {
    let accessors = index.accessors("wrappedValue", in: name)
    guard accessors.contains(where: { $0.kind == .getter }), accessors.contains(where: { $0.kind == .setter }),
      !accessors.contains(where: { $0.kind == .modify })
    else { return false }
    return accessors.allSatisfy { LockText.takesLock($0) }
  }
}

#endif
