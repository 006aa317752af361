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

func movesAnElement(_ dictionary: ExclusiveDictionary<Int, Connection>, _ other: ExclusiveDictionary<Int, Connection>) {
  dictionary.withExclusive { elements in
    guard let connection = elements[1] else { return }
    other.updateValue(connection, forKey: 1)  // error: sending 'connection' risks causing data races
  }
}
