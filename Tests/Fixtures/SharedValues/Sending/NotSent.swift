// SPDX-License-Identifier: Apache-2.0
//
// Programs that pass the type checker and would race: the check of regions must refuse them, each
// with its message.

import ConcurrentCollections

final class Connection {
  var bytes = 0
  var peer: Connection?
}

func keepsWhatItMakesOneOf() -> ExclusiveDictionary<Int, Connection> {
  let connection = Connection()
  let dictionary = ExclusiveDictionary([1: connection])  // error: risks causing data races
  connection.bytes = 1
  return dictionary
}

func keepsWhatItGivesAway(_ dictionary: ExclusiveDictionary<Int, Connection>) {
  let connection = Connection()
  dictionary.updateValue(connection, forKey: 1)  // error: sending 'connection' risks causing data races
  connection.bytes = 1
}

func givesAwayWhatIsTheCallers(_ dictionary: ExclusiveDictionary<Int, Connection>, _ connection: Connection) {
  dictionary.updateValue(connection, forKey: 1)  // error: sending 'connection' risks causing data races
}

func putsItsOwnIn(_ dictionary: ExclusiveDictionary<Int, Connection>, _ connection: Connection) {
  dictionary.withExclusive { $0[1] = connection }  // error: 'inout sending' parameter '$0' cannot be task-isolated
}

func takesAnElementOut(_ dictionary: ExclusiveDictionary<Int, Connection>) -> Connection? {
  var kept: Connection?
  dictionary.withExclusive { kept = $0[1] }  // error: 'inout sending' parameter '$0' cannot be task-isolated
  return kept
}

func takesAllOut(_ dictionary: ExclusiveDictionary<Int, Connection>) -> [Int: Connection] {
  var kept: [Int: Connection] = [:]
  dictionary.withExclusive { kept = $0 }  // error: 'inout sending' parameter '$0' cannot be task-isolated
  return kept
}

func sendsTheValue(_ dictionary: ExclusiveDictionary<Int, Connection>) {
  dictionary.withValue(forKey: 1) { connection in
    let kept = connection
    Task { kept?.bytes += 1 }  // error: risks causing data races
  }
}

func sendsAnElement(_ dictionary: ExclusiveDictionary<Int, Connection>) {
  dictionary.withExclusive { elements in
    let kept = elements[1]
    Task { kept?.bytes += 1 }  // error: risks causing data races
  }
}
