// SPDX-License-Identifier: Apache-2.0
//
// The participants, measured one after the other under the same circumstances. Each subject's loop
// is compiled separately; a contender stores the closure that starts it.

/// A subject made for one panel, ready to run.
struct Contender {
  var name: String
  /// True when only one thread may use it.
  var isForOneThread = false
  var run: (Circumstances, Double) async throws -> Cell

  init<S: Subject>(_ type: S.Type, _ sequence: KeySequence<S.Key>, _ elements: [S.Key: Int]) {
    let subject = S(elements)
    name = S.name
    isForOneThread = S.isForOneThread
    run = { Runner.run(subject, $0, sequence, seconds: $1) }
  }

  init<S: AsyncSubject>(_ type: S.Type, _ sequence: KeySequence<S.Key>, _ elements: [S.Key: Int]) async {
    let subject = await S(elements)
    name = S.name
    run = { await Runner.run(subject, $0, sequence, seconds: $1) }
  }

  init(_ program: GoProgram, _ name: String) {
    self.name = name
    run = { circumstances, seconds in try program.run(name, circumstances, seconds: seconds) }
  }

  /// All contenders for one panel.
  static func all(_ kind: KeyKind, keys: Int, _ distribution: Distribution, _ program: GoProgram?) async throws
    -> [Contender]
  {
    try program?.makePanel(kind, keys: keys, distribution)
    let ours =
      switch kind {
      case .integer: await swift(Int.self, keys: keys, distribution)
      case .string: await swift(String.self, keys: keys, distribution)
      }
    return ours + (program.map { program in GoProgram.names.map { Contender(program, $0) } } ?? [])
  }

  private static func swift<Key: BenchmarkKey>(
    _: Key.Type, keys: Int, _ distribution: Distribution
  ) async -> [Contender] {
    let sequence = KeySequence<Key>(keys: keys, distribution)
    let elements: [Key: Int] = plain(keys)
    return await [
      Contender(PlainSubject<Key>.self, sequence, elements), Contender(LockedSubject<Key>.self, sequence, elements),
      Contender(MutexSubject<Key>.self, sequence, elements), Contender(NIOSubject<Key>.self, sequence, elements),
      Contender(ReadWriteSubject<Key>.self, sequence, elements),
      Contender(ReadWriteLockSubject<Key>.self, sequence, elements),
      Contender(ShardedSubject<Key>.self, sequence, elements),
      Contender(ReadMostlySubject<Key>.self, sequence, elements),
      Contender(ActorSubject<Key>.self, sequence, elements), Contender(SerialSubject<Key>.self, sequence, elements),
      Contender(SafeSubject<Key>.self, sequence, elements),
    ]
  }
}
