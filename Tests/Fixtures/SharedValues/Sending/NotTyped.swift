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
