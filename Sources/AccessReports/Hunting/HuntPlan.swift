// SPDX-License-Identifier: Apache-2.0
//
// What one run of a program has learnt for the next: the file of the option `plan`. Text to values
// and back; nothing here reads or writes files.

#if REPORTS && canImport(Glibc)

/// Pairs of call sites that came near each other, named so that another process of the same build
/// finds them.
///
/// One line a pair, its fields separated by tabs: `pair`, the state, the gap in nanoseconds, how
/// often the two came near each other, how often one was held; then for each of the two the
/// operation, `r` or `w`, image, build ID and offset of the access and of its caller, and what a
/// person would call the place.
package struct HuntPlan: Sendable, Equatable {
  /// An address as another process of the same build finds it.
  package struct Place: Sendable, Hashable {
    package var image: String
    package var buildID: String
    package var offset: UInt64

    package init(image: String, buildID: String, offset: UInt64) {
      self.image = image
      self.buildID = buildID
      self.offset = offset
    }
  }

  package struct Site: Sendable, Hashable {
    package var operation: String
    package var isWriting: Bool
    package var access: Place
    package var caller: Place

    package init(operation: String, isWriting: Bool, access: Place, caller: Place) {
      self.operation = operation
      self.isWriting = isWriting
      self.access = access
      self.caller = caller
    }
  }

  package enum State: String, Sendable {
    case open
    case ordered
    case confirmed
  }

  package struct Pair: Sendable, Equatable {
    package var sites: [Site]
    package var state: State
    package var gapNanoseconds: UInt64
    package var times: UInt64
    package var holds: UInt64
    /// What a person would call the two places; empty when nobody has looked.
    package var names: [String]

    package init(
      sites: [Site], state: State, gapNanoseconds: UInt64, times: UInt64, holds: UInt64, names: [String]
    ) {
      self.sites = sites
      self.state = state
      self.gapNanoseconds = gapNanoseconds
      self.times = times
      self.holds = holds
      self.names = names
    }
  }

  package var pairs: [Pair] = []

  static var heading: String { "access-audit plan 1" }
  /// Pairs kept at most.
  static let limit = 4_096

  package init(pairs: [Pair] = []) { self.pairs = pairs }

  package func count(_ state: State) -> Int { pairs.reduce(0) { $0 + ($1.state == state ? 1 : 0) } }
}

extension HuntPlan {
  package var text: String {
    let lines = pairs.prefix(Self.limit).map { pair in
      let head = ["pair", pair.state.rawValue] + [pair.gapNanoseconds, pair.times, pair.holds].map { String($0) }
      let sites = zip(pair.sites, pair.names).flatMap { site, name in
        [site.operation, site.isWriting ? "w" : "r"] + Self.fields(site.access) + Self.fields(site.caller)
          + [Self.escaped(name)]
      }
      return (head + sites).joined(separator: "\t")
    }
    return ([Self.heading] + lines).joined(separator: "\n") + "\n"
  }

  private static func fields(_ place: Place) -> [String] {
    [escaped(place.image), place.buildID, Hexadecimal.text(place.offset)]
  }

  private static func escaped(_ text: String) -> String { String(text.map { $0 == "\t" || $0.isNewline ? " " : $0 }) }

  /// The plan in a text; `nil` when it is none. Lines that are not understood are left out.
  package init?(text: String) {
    var lines = text.split(separator: "\n", omittingEmptySubsequences: false)[...]
    guard lines.popFirst() == Substring(Self.heading) else { return nil }
    pairs = lines.prefix(Self.limit).compactMap { line in
      let fields = line.split(separator: "\t", omittingEmptySubsequences: false).map(String.init)
      guard fields.count == 5 + 2 * 9, fields[0] == "pair", let state = State(rawValue: fields[1]),
        let gap = UInt64(fields[2]), let times = UInt64(fields[3]), let holds = UInt64(fields[4]),
        let one = Self.site(fields[5..<14]), let other = Self.site(fields[14..<23])
      else { return nil }
      return Pair(
        sites: [one, other], state: state, gapNanoseconds: gap, times: times, holds: holds,
        names: [fields[13], fields[22]])
    }
  }

  private static func site(_ fields: ArraySlice<String>) -> Site? {
    let fields = Array(fields)
    guard let access = place(fields[2..<5]), let caller = place(fields[5..<8]) else { return nil }
    return Site(operation: fields[0], isWriting: fields[1] == "w", access: access, caller: caller)
  }

  private static func place(_ fields: ArraySlice<String>) -> Place? {
    let fields = Array(fields)
    guard fields[2].hasPrefix("0x"), let offset = UInt64(fields[2].dropFirst(2), radix: 16) else { return nil }
    return Place(image: fields[0], buildID: fields[1], offset: offset)
  }

  /// Takes in what a later run has learnt.
  package mutating func merge(_ later: HuntPlan) {
    var places: [Set<Site>: Int] = [:]
    for (index, pair) in pairs.enumerated() { places[Set(pair.sites)] = index }
    for pair in later.pairs {
      guard let index = places[Set(pair.sites)] else {
        pairs.append(pair)
        continue
      }
      let earlier = pairs[index]
      pairs[index] = pair
      // What was seen once stays seen, and what was inferred stays inferred unless it was seen to
      // be wrong.
      if earlier.state == .confirmed || (earlier.state == .ordered && pair.state == .open) {
        pairs[index].state = earlier.state
      }
      pairs[index].gapNanoseconds = max(pair.gapNanoseconds, earlier.gapNanoseconds)
      pairs[index].times += earlier.times
      pairs[index].holds += earlier.holds
      if pair.names.allSatisfy(\.isEmpty) { (pairs[index].sites, pairs[index].names) = (earlier.sites, earlier.names) }
    }
  }
}

#endif
