// SPDX-License-Identifier: Apache-2.0
//
// Programs that the type checker must refuse, each with its message.

import ConcurrentCollections

final class Connection {
  var bytes = 0
}

func typed(_: LockedDictionary<Int, Connection>) {}  // error: does not conform to the 'Sendable' protocol
func typed(_: ReadWriteDictionary<Int, Connection>) {}  // error: does not conform to the 'Sendable' protocol
func typed(_: ShardedDictionary<Int, Connection>) {}  // error: does not conform to the 'Sendable' protocol
func typed(_: ReadMostlyDictionary<Int, Connection>) {}  // error: does not conform to the 'Sendable' protocol
func typed(_: SerialDictionary<Int, Connection>) {}  // error: does not conform to the 'Sendable' protocol

func returnsAnElement(_ dictionary: ExclusiveDictionary<Int, Connection>) -> Connection? {
  dictionary.withExclusive { $0[1] }  // error: conform to the 'Sendable' protocol
}

func returnsTheValue(_ dictionary: ExclusiveDictionary<Int, Connection>) -> Connection? {
  dictionary.withValue(forKey: 1) { $0 }  // error: conform to the 'Sendable' protocol
}

func takesTheValueOut(_ dictionary: ExclusiveDictionary<Int, Connection>) -> Connection? {
  var kept: Connection?
  dictionary.withValue(forKey: 1) { kept = $0 }  // error: '@Sendable' closure // error: captured var
  return kept
}

func putsItsOwnInTheValue(_ dictionary: ExclusiveDictionary<Int, Connection>, _ connection: Connection) {
  dictionary.withValue(forKey: 1) { $0 = connection }  // error: in a '@Sendable' closure
}

func putsItsOwnIn(_ dictionary: ExclusiveDictionary<Int, Connection>, _ connection: Connection) {
  dictionary.withExclusive { $0[1] = connection }  // error: in a '@Sendable' closure
}

func takesAnElementOut(_ dictionary: ExclusiveDictionary<Int, Connection>) -> Connection? {
  var kept: Connection?
  dictionary.withExclusive { kept = $0[1] }  // error: '@Sendable' closure // error: captured var
  return kept
}

func takesAllOut(_ dictionary: ExclusiveDictionary<Int, Connection>) -> [Int: Connection] {
  var kept: [Int: Connection] = [:]
  dictionary.withExclusive { kept = $0 }  // error: '@Sendable' closure // error: captured var
  return kept
}

// A closure that is a parameter may keep what it is passed, and return what its maker has kept. The
// check of regions does not look into that (Swift 6.3).

func passesAnElementOn(_ dictionary: ExclusiveDictionary<Int, Connection>, to use: (Connection) -> Void) {
  dictionary.withExclusive { $0[1].map { use($0) } }  // error: capture of 'use' with non-Sendable type
}

func takesOneFrom(_ make: () -> Connection, _ dictionary: ExclusiveDictionary<Int, Connection>) {
  dictionary.withExclusive { $0[1] = make() }  // error: capture of 'make' with non-Sendable type
}

protocol Visitor {
  func visit(_ connection: Connection)
}

func isVisited(_ dictionary: ExclusiveDictionary<Int, Connection>, by visitor: any Visitor) {
  dictionary.withExclusive { $0[1].map { visitor.visit($0) } }  // error: capture of 'visitor' with non-Sendable type
}

func passesTheValueOn(_ dictionary: ExclusiveDictionary<Int, Connection>, to use: (Connection?) -> Void) {
  dictionary.withValue(forKey: 1) { use($0) }  // error: capture of 'use' with non-Sendable type
}

func takesTheDefaultFrom(_ make: () -> Connection, _ dictionary: ExclusiveDictionary<Int, Connection>) {
  dictionary.withValue(forKey: 1, default: make()) { $0.bytes += 1 }  // error: implicit capture of 'make'
}

@MainActor var current: Connection?

@MainActor func keepsItOnAnActor(_ dictionary: ExclusiveDictionary<Int, Connection>) {
  dictionary.withExclusive { current = $0[1] }  // error: main actor-isolated var 'current' can not be mutated
}

func usesItAsDefault(_ dictionary: ExclusiveDictionary<Int, Connection>, _ connection: Connection) {
  dictionary.withValue(forKey: 1, default: connection) { $0.bytes += 1 }  // error: implicit capture of 'connection'
}

func copiesOne(_ dictionary: ExclusiveDictionary<Int, Connection>) {
  _ = dictionary.value(forKey: 1)  // error: has no member 'value'
}

func copiesAll(_ dictionary: ExclusiveDictionary<Int, Connection>) {
  _ = dictionary.snapshot()  // error: has no member 'snapshot'
}

func isGeneric(_ dictionary: ExclusiveDictionary<Int, Int>) -> any ConcurrentDictionary<Int, Int> {
  dictionary  // error: does not conform to
}
