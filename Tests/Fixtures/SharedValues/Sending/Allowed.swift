// SPDX-License-Identifier: Apache-2.0
//
// Programs with values that are not `Sendable` which must compile. Nothing runs.

import ConcurrentCollections

final class Connection {
  var bytes = 0
  var peer: Connection?
}

func makesOne() -> ExclusiveDictionary<Int, Connection> {
  let connection = Connection()
  connection.bytes = 1
  return ExclusiveDictionary([1: connection])
}

func givesAway(_ dictionary: ExclusiveDictionary<Int, Connection>) {
  let connection = Connection()
  connection.bytes = 1
  dictionary.updateValue(connection, forKey: 1)
}

func changesSeveral(_ dictionary: ExclusiveDictionary<Int, Connection>) -> Int {
  dictionary.withExclusive { elements in
    elements[1] = Connection()
    elements[1]?.peer = elements[2]
    var sum = 0
    for connection in elements.values { sum += connection.bytes }
    return sum
  }
}

func passesEachOne(_ dictionary: ExclusiveDictionary<Int, Connection>, to use: @Sendable (Connection) -> Int) -> Int {
  dictionary.withExclusive { elements in elements.values.reduce(0) { $0 + use($1) } }
}

func changesOne(_ dictionary: ExclusiveDictionary<Int, Connection>) -> Int? {
  dictionary.withValue(forKey: 1, default: Connection()) { $0.bytes += 1 }
  return dictionary.withValue(forKey: 1) { connection in
    connection?.bytes += 1
    defer { connection = nil }
    return connection?.bytes
  }
}

func takesAll(_ dictionary: ExclusiveDictionary<Int, Connection>) async {
  let all = dictionary.takeAll()
  // They belong to nobody else, so they may go to another task.
  await Task.detached { for connection in all.values { connection.bytes = 0 } }.value
}

func isShared(_ dictionary: ExclusiveDictionary<Int, Connection>) {
  Task.detached { changesOne(dictionary) }
  Task.detached { changesOne(dictionary) }
}

@MainActor func isUsedByAnActor(_ dictionary: ExclusiveDictionary<Int, Connection>) -> Int {
  dictionary.withExclusive { elements in
    var sum = 0
    for connection in elements.values { sum += connection.bytes }
    return sum
  }
}

func throwsItsError(_ dictionary: ExclusiveDictionary<Int, Connection>) throws(CancellationError) {
  try dictionary.withExclusive { (elements) throws(CancellationError) in
    if elements.isEmpty { throw CancellationError() }
  }
}
