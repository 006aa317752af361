// SPDX-License-Identifier: Apache-2.0
//
// Who takes part, one after the other, under the same circumstances. Each subject's loop is compiled by itself; what is stored here
// is the way to start it.

/// A subject made for one panel, ready to run.
struct Contender {
  var name: String
  /// Whether only one thread may use it.
  var isForOneThread = false
  /// Whether a target depends on it, so that it runs in every round.
  var isJudged = false
  var run: (Circumstances, KeySequence, Double) async throws -> Cell

  init<S: Subject>(_ type: S.Type, keys: Int, isJudged: Bool) {
    let subject = S(keys: keys)
    name = S.name
    isForOneThread = S.isForOneThread
    self.isJudged = isJudged
    run = { Runner.run(subject, $0, $1, seconds: $2) }
  }

  init<S: AsyncSubject>(_ type: S.Type, keys: Int) async {
    let subject = await S(keys: keys)
    name = S.name
    run = { await Runner.run(subject, $0, $1, seconds: $2) }
  }

  init(_ program: GoProgram, _ name: String) {
    self.name = name
    isJudged = true
    run = { circumstances, _, seconds in try program.run(name, circumstances, seconds: seconds) }
  }

  /// Everyone, those who are compared with each other side by side.
  static func all(keys: Int, _ distribution: Distribution, _ program: GoProgram?) async throws -> [Contender] {
    try program?.makePanel(keys: keys, distribution)
    func theirs(_ name: String) -> [Contender] { program.map { [Contender($0, name)] } ?? [] }
    return await [Contender(PlainSubject.self, keys: keys, isJudged: true)]
      + [Contender(ReadMostlySubject.self, keys: keys, isJudged: true)] + theirs(GoProgram.syncMap)
      + [Contender(LockedSubject.self, keys: keys, isJudged: true)] + theirs(GoProgram.mutexMap)
      + [Contender(ShardedSubject.self, keys: keys, isJudged: true)] + theirs(GoProgram.shardedMap)
      + [Contender(ReadWriteSubject.self, keys: keys, isJudged: true)] + theirs(GoProgram.rwMutexMap)
      + [
        Contender(NSLockSubject.self, keys: keys, isJudged: false),
        Contender(KeyLocksSubject.self, keys: keys, isJudged: false),
        Contender(ActorSubject.self, keys: keys), Contender(SerialSubject.self, keys: keys),
        Contender(SafeSubject.self, keys: keys),
      ]
  }
}
