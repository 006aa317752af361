// SPDX-License-Identifier: Apache-2.0
//
// The likely fix of a race, chosen from what the report shows. Advice: what is certain stands above
// it in the report. Pure.

#if REPORTS && canImport(Glibc)

internal import AccessTerms

/// One or two sentences on what to do, and the page that goes on from there.
package struct NextStep: Equatable, Sendable {
  package var text: String
  package var page: String

  /// The pages, as the documentation has them.
  private static var reading: String { "'Reading a report' of AccessAudit" }
  private static var choosing: String { "'Choosing a dictionary' of ConcurrentCollections" }

  package init(text: String, page: String) {
    self.text = text
    self.page = page
  }

  /// The step that fits the violation best.
  package init(_ violation: Violation) {
    self =
      Self.nameless(violation) ?? Self.oneSidedLock(violation) ?? Self.lockByHand(violation)
      ?? Self.checkThenAct(violation) ?? Self.sharedStatic(violation) ?? Self.remedy(violation)
  }

  /// Without names of the program's own frames nothing can be said of what they do.
  private static func nameless(_ violation: Violation) -> NextStep? {
    let own = violation.accesses.flatMap(\.stack).filter { $0.category == .user }
    guard own.isEmpty || own.allSatisfy({ $0.symbol == nil }) else { return nil }
    return NextStep(
      text: own.isEmpty
        ? "The program's own frames are not known: `stacks=full` and a larger `stack_depth` record them."
        : "The frames have no names: `access-audit show REPORT.json --symbols FOLDER` finds them in unstripped files of the "
          + "same build IDs (`log_format=text+json` writes that report).", page: reading)
  }

  /// One access holds a lock, a queue or a barrier, and the other does not.
  private static func oneSidedLock(_ violation: Violation) -> NextStep? {
    let sides = violation.accesses.map { ($0, $0.stack.protection) }
    guard let holder = sides.first(where: { $0.1 != nil }),
      let other = sides.first(where: { $0.0.role != holder.0.role }),
      let (held, taker) = holder.1, !other.0.stack.isEmpty
    else { return nil }
    let verb = other.0.writing ? "write" : "read"
    let place = place(other.0) ?? "the other place"
    let taken = taker.map { ", taken in \(describe($0))," } ?? ""
    if other.1 == nil {
      switch held {
      case .lock(let name):
        return NextStep(
          text:
            "The \(holder.0.writing ? "write" : "read") holds a lock (\(name)\(taken.isEmpty ? "" : taken.dropLast())) and the "
            + "\(verb) in \(place) does not: make the \(verb) inside the same lock.", page: reading)
      case .barrier:
        return NextStep(
          text:
            "The write is inside a barrier of its queue and the \(verb) in \(place) is outside that queue: make the \(verb) "
            + "with `sync` on it.", page: reading)
      case .queue:
        return NextStep(
          text:
            "One access runs on a queue\(taken.isEmpty ? "" : taken.dropLast()) and the \(verb) in \(place) does not: make the \(verb) on "
            + "the same queue.", page: reading)
      }
    }
    if case .lock(let one)? = holder.1?.held, case .lock(let two)? = other.1?.held {
      return NextStep(
        text:
          "Both accesses hold a lock (\(one) and \(two)), and not the same one: one lock must guard the collection in both places.",
        page: reading)
    }
    return nil
  }

  /// The source just before one access calls a lock's `lock()`, and that of the other does not.
  /// Such a lock is on no stack.
  private static func lockByHand(_ violation: Violation) -> NextStep? {
    let sides = violation.accesses
    guard let holder = sides.first(where: locksByHand), let other = sides.first(where: { !locksByHand($0) }),
      other.excerpt != nil, let held = place(holder), let free = place(other)
    else { return nil }
    let verb = other.writing ? "write" : "read"
    return NextStep(
      text:
        "The lines before the \(holder.writing ? "write" : "read") in \(held) take a lock, and those before the \(verb) in \(free) do "
        + "not: if that lock is for the \(violation.container.kind.rawValue), make the \(verb) inside it too.",
      page: reading)
  }

  /// Whether the lines of the same function up to the access, as far as the report has them, lock.
  private static func locksByHand(_ access: Violation.Access) -> Bool {
    guard let excerpt = access.excerpt else { return false }
    for line in excerpt.lines.prefix(max(0, excerpt.line - excerpt.firstLine + 1)).reversed() {
      if line.contains(".lock()") || line.contains("pthread_mutex_lock(") { return true }
      if line.contains("defer"), line.contains("unlock") { return true }
      if line.contains("func ") { break }
    }
    return false
  }

  /// A thread looked, and then acted on what it had seen, in one function.
  private static func checkThenAct(_ violation: Violation) -> NextStep? {
    for writer in violation.accesses where writer.writing {
      guard let frame = writer.location, let symbol = frame.symbol, let thread = writer.thread,
        let line = frame.line
      else { continue }
      let looked = violation.history.first { entry in
        !entry.writing && entry.thread.id == thread.id && entry.frame?.symbol == symbol
          && (entry.frame?.line ?? .max) <= line
      }
      guard let look = looked?.frame?.line else { continue }
      let lines = look == line ? "line \(line)" : "lines \(look) to \(line)"
      return NextStep(
        text:
          "\(symbol) looks and then writes (\(lines) of \(fileName(frame))): the two must be one step, under one lock, or another "
          + "thread comes between them.", page: choosing)
    }
    return nil
  }

  /// A static property, which no instance's isolation protects.
  private static func sharedStatic(_ violation: Violation) -> NextStep? {
    guard let created = violation.container.created?.stack.first(where: { $0.symbol?.hasPrefix(once) == true }),
      let name = created.symbol?.dropFirst(once.count)
    else { return nil }
    let types = violation.accesses.compactMap { $0.location?.symbol.flatMap(typeName) }
    let isolation =
      types.count == 2 && types[0] == types[1] && violation.accesses.contains { $0.task != nil }
      ? "The isolation of an instance, an actor's too, does not protect it" : "Nothing of an instance protects it"
    return NextStep(
      text:
        "`\(name)` is one for the whole process. \(isolation): give it a lock of its own, a global actor, or a dictionary that is "
        + "safe to share.", page: choosing)
  }

  private static var once: String { "one-time initialization function for " }

  /// A lock, or the collection that fits the traffic.
  private static func remedy(_ violation: Violation) -> NextStep {
    guard violation.container.kind == .dictionary else {
      return NextStep(
        text:
          "Nothing of the two stacks protects the \(violation.container.kind.rawValue): put one lock (`Mutex`), one actor or one queue "
          + "around every access to it.",
        page: reading)
    }
    let traffic = violation.traffic
    let (reads, writes) = (traffic?.reads ?? 0, traffic?.writes ?? 0)
    let choice: String
    switch (reads, writes) {
    case _ where reads + writes < 1_000: choice = "`LockedDictionary` takes its place with the fewest changes"
    case _ where reads >= writes.multipliedReportingOverflow(by: 100).partialValue:
      choice = "it is read over a hundred times as often as written, which `ReadMostlyDictionary` is made for"
    case _ where (traffic?.threads ?? 0) > 4 && writes >= reads / 4:
      choice = "many threads write, which `ShardedDictionary` is made for"
    default: choice = "`LockedDictionary` takes its place with the fewest changes"
    }
    return NextStep(
      text:
        "Neither stack shows a lock: put one around every access to the dictionary, or a dictionary that is safe to share in its place; "
        + "\(choice).", page: choosing)
  }

  private static func place(_ access: Violation.Access) -> String? { access.location.map(describe) }

  private static func describe(_ frame: Violation.Frame) -> String {
    let line = frame.line.map { " (\(fileName(frame)):\($0))" } ?? ""
    return "\(frame.symbol ?? frame.image ?? "?")\(line)"
  }

  private static func fileName(_ frame: Violation.Frame) -> String {
    frame.file.map { PathNames.display($0, strip: "") } ?? "?"
  }

  /// `OrderCache` of `OrderCache.update(_:)` and of `closure #1 in OrderCache.update(_:)`.
  private static func typeName(_ symbol: String) -> String? {
    let name = symbol.split(separator: " ").last ?? ""
    let path = name.prefix { $0 != "(" }.split(separator: ".")
    return path.count > 1 ? String(path[path.count - 2]) : nil
  }
}

#endif
