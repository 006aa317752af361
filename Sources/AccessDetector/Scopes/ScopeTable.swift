// SPDX-License-Identifier: Apache-2.0
//
// The scopes that are open, those that were, and whose a violation is. Values only: whoever holds a
// table guards it.

#if AUDITED && canImport(Glibc)

internal import AccessReports
internal import AccessTerms
internal import AccessWindows
internal import CAccessRecorder

/// Decides whose a violation is, by evidence and never by elimination: what cannot be shown is
/// nobody's.
struct ScopeTable {
  struct Entry {
    var parent: UInt32
    /// `nil` for a scope inside a test that has no name of its own.
    var name: ScopeName?
    var isOpen = true
    var found: [AttributedViolation] = []
    /// Races found already: a scope has each of them once, of each kind that a test may expect.
    var races: Set<Race> = []
  }

  /// A race, whatever scope the threads carried.
  struct Race: Hashable {
    var kind: ViolationKind
    var identity: String

    init(_ violation: Violation) {
      kind = violation.kind
      identity = RaceIdentity.exact(violation)
    }
  }

  enum Verdict {
    case scope(UInt32, AttributionEvidence)
    case nobody(String)
  }

  private(set) var entries: [UInt32: Entry] = [:]
  /// Closed scopes in the order they were closed, the first to be forgotten.
  private var closed: [UInt32] = []
  static let closedLimit = 4_096

  mutating func open(_ id: UInt32, parent: UInt32, name: ScopeName?) {
    entries[id] = Entry(parent: parent, name: name)
  }

  mutating func close(_ id: UInt32) -> [AttributedViolation] {
    guard let entry = entries[id], entry.isOpen else { return [] }
    entries[id]?.isOpen = false
    entries[id]?.found = []
    entries[id]?.races = []
    closed.append(id)
    if closed.count > Self.closedLimit {
      // Half at once, so that the array is not shifted for each.
      for old in closed.prefix(Self.closedLimit / 2) { entries[old] = nil }
      closed.removeFirst(Self.closedLimit / 2)
    }
    return Self.withoutPoorer(entry.found)
  }

  /// A violation whose other party was lost says nothing beside one with an access at the same
  /// place that has both.
  private static func withoutPoorer(_ found: [AttributedViolation]) -> [AttributedViolation] {
    func isPoor(_ violation: Violation) -> Bool { violation.conflicting.stack.isEmpty }
    func places(_ violation: Violation) -> [String] {
      violation.accesses.map { RaceIdentity.exact($0, of: violation) }
    }
    return found.filter { candidate in
      guard isPoor(candidate.violation) else { return true }
      return !found.contains { other in
        !isPoor(other.violation) && other.violation.kind == candidate.violation.kind
          && places(other.violation).contains(places(candidate.violation)[0])
      }
    }
  }

  /// Gives the violation to a scope; a race that the scope has already is dropped.
  mutating func add(_ found: AttributedViolation, to id: UInt32) {
    guard entries[id]?.races.insert(Race(found.violation)).inserted == true else { return }
    entries[id]?.found.append(found)
  }

  /// Gives violations of a scope inside to the given one, or the nearest around it that is open;
  /// `false` when none is.
  mutating func hand(_ violations: [AttributedViolation], to id: UInt32) -> Bool {
    guard let id = nearestOpen(id) else { return false }
    entries[id]?.found += violations
    return true
  }

  /// Whose the violation is: the detected access's context is the strongest evidence, then a call
  /// stack that leads through a test, then the creation of the collection.
  func attribute(_ violation: Violation, detectedScope: UInt32, creationScope: UInt32) -> Verdict {
    if detectedScope != 0 {
      if let id = nearestOpen(detectedScope) { return .scope(id, .context) }
      return .nobody("the access was made by \(name(detectedScope)), which had ended")
    }
    for access in violation.accesses {
      let named = scopes(namedIn: access.stack)
      if named.count == 1 { return .scope(named[0], .callStack) }
      if named.count > 1 {
        // Parallel cases of one test: only the creation can tell them apart.
        if let id = nearestOpen(creationScope), named.contains(id) { return .scope(id, .creation) }
        return .nobody("the call stack leads through several cases of \(name(named[0])) that run at once")
      }
    }
    guard creationScope != 0, let created = violation.container.created else {
      return .nobody("nothing of it was begun by a test that is audited")
    }
    // A global is created by whichever test touches it first, which says nothing about who races on
    // it.
    if Self.isOneTimeInitialisation(created.stack) {
      return .nobody("the collection is global, and the accesses were made outside the tasks of any test")
    }
    if let id = nearestOpen(creationScope) { return .scope(id, .creation) }
    return .nobody("the collection was created by \(name(creationScope)), which had ended")
  }

  /// The scope itself, or the closest one around it, that is open.
  private func nearestOpen(_ id: UInt32) -> UInt32? {
    var id = id
    while let entry = entries[id] {
      if entry.isOpen { return id }
      id = entry.parent
    }
    return nil
  }

  private func name(_ id: UInt32) -> String {
    var id = id
    while let entry = entries[id] {
      if let name = entry.name { return name.display }
      id = entry.parent
    }
    return "an earlier test"
  }

  /// The innermost open scopes whose test function the stack leads through.
  private func scopes(namedIn stack: [Violation.Frame]) -> [UInt32] {
    let named = entries.filter { id, entry in
      guard entry.isOpen, let name = nearestName(id) else { return false }
      return stack.contains { Self.frame($0, isIn: name) }
    }
    let outer = Set(named.keys.flatMap(ancestors))
    return named.keys.filter { !outer.contains($0) }.sorted()
  }

  private func nearestName(_ id: UInt32) -> ScopeName? {
    if let name = entries[id]?.name { return name }
    return ancestors(of: id).lazy.compactMap { entries[$0]?.name }.first
  }

  private func ancestors(of id: UInt32) -> [UInt32] {
    var result: [UInt32] = []
    var id = entries[id]?.parent ?? 0
    while let entry = entries[id] {
      result.append(id)
      id = entry.parent
    }
    return result
  }

  /// Whether the frame is the test function's, or a closure's or local function's inside it.
  static func frame(_ frame: Violation.Frame, isIn name: ScopeName) -> Bool {
    guard let symbol = frame.symbol, symbol.hasSuffix(name.symbol) else { return false }
    // `closure #1 in Tests.raced()`: a name ends where a longer one could not go on.
    let rest = symbol.dropLast(name.symbol.count)
    guard rest.isEmpty || rest.hasSuffix(" ") || rest.hasSuffix(".") else { return false }
    guard let file = frame.file, let wanted = name.file else { return true }
    return file == wanted || file.hasSuffix("/\(wanted)")
  }

  /// Whether the stack leads through the first use of a global or static variable.
  static func isOneTimeInitialisation(_ stack: [Violation.Frame]) -> Bool {
    stack.contains { frame in
      guard let symbol = frame.symbol else { return false }
      return symbol.hasPrefix("one-time initialization function") || symbol.contains("swift_once")
        || symbol.hasSuffix(".unsafeMutableAddressor")
    }
  }
}

#endif
