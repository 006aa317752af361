// SPDX-License-Identifier: Apache-2.0
//
// The names of what is measured, and the loops compiled for each.

#if ReportTools && canImport(Glibc)
import AccessTraffic
import ArgumentParser
import ConcurrentCollections

/// A model or a peer.
enum LoadModel: String, CaseIterable, ExpressibleByArgument {
  case locked = "LockedDictionary"
  case readWrite = "ReadWriteDictionary"
  case sharded = "ShardedDictionary"
  case readMostly = "ReadMostlyDictionary"
  case serial = "SerialDictionary"
  case safe = "SafeDictionary"
  case mutex = "Mutex"
  case rwlock
  case actor
  case plain

  var name: String {
    switch self {
    case .safe: "SafeDictionary over ShardedDictionary"
    case .mutex: "Mutex<Dictionary>"
    case .rwlock: "pthread_rwlock + Dictionary"
    case .actor: "actor + Dictionary"
    case .plain: "Dictionary, unsynchronised"
    default: rawValue
    }
  }

  var isForOneThread: Bool { self == .plain }
  var isAsync: Bool { self == .serial || self == .safe || self == .actor }
}

/// A model with its elements, ready to be measured. The loops are compiled for each type: the
/// closures start them.
struct Contender<Key: LoadKey> {
  let model: LoadModel
  let closed: (ClosedTrial, KeyStream<Key>) -> Double
  let open: (OpenTrial, KeyStream<Key>) -> OpenResult
  let replayed: (ReplayRun) -> ReplayOutcome

  init(_ model: LoadModel, _ elements: [Key: Int]) {
    switch model {
    case .locked: self.init(model, ConcurrentSubject(base: LockedDictionary(elements)))
    case .readWrite: self.init(model, ConcurrentSubject(base: ReadWriteDictionary(elements)))
    case .sharded: self.init(model, ConcurrentSubject(base: ShardedDictionary(elements)))
    case .readMostly: self.init(model, ConcurrentSubject(base: ReadMostlyDictionary(elements)))
    case .mutex: self.init(model, MutexSubject(elements))
    case .rwlock: self.init(model, ReadWriteLockSubject(elements))
    case .plain: self.init(model, PlainSubject(elements))
    case .serial: self.init(model, async: SerialSubject(base: SerialDictionary(elements)))
    case .safe: self.init(model, async: SafeSubject(base: SafeDictionary(ShardedDictionary(elements))))
    case .actor: self.init(model, async: ActorSubject(base: HandwrittenDictionary(elements)))
    }
  }

  init<Subject: LoadSubject>(_ model: LoadModel, _ subject: Subject) where Subject.Key == Key {
    self.model = model
    closed = { $0.run(subject, $1) }
    open = { $0.run(subject, $1) }
    replayed = { $0.run(subject) }
  }

  init<Subject: AsyncLoadSubject>(_ model: LoadModel, async subject: Subject) where Subject.Key == Key {
    self.model = model
    closed = { $0.run(async: subject, $1) }
    open = { $0.run(async: subject, $1) }
    replayed = { $0.run(async: subject) }
  }

  /// The lab itself.
  static func empty(isAsync: Bool) -> Contender {
    isAsync ? Contender(.actor, async: AsyncEmptySubject()) : Contender(.mutex, EmptySubject())
  }
}
#endif
