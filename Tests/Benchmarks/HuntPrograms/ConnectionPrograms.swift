// SPDX-License-Identifier: Apache-2.0
//
// Things that come and go while somebody else walks over them: connections, observers,
// continuations, cache entries.

import Foundation

enum ConnectionPrograms {
  static let all = [
    HuntProgram("stop-walks-connections", stopWalksConnections), HuntProgram("rare-sweep", rareSweep),
    HuntProgram("observer-list", observerList), HuntProgram("cache-eviction", cacheEviction),
    HuntProgram("heartbeats", heartbeats), HuntProgram("cancel-all", cancelAll),
  ]

  /// A server's set of open connections; `stop()` closes each of them, once.
  @Sendable static func stopWalksConnections(_ variant: Variant) {
    final class Server: @unchecked Sendable {
      var open = Bag<Int>()
      let guarded: Guard
      init(_ variant: Variant) { guarded = Guard(variant) }

      func handle(_ connection: Int) {
        guarded { _ = open.insert(connection) }
        pause(500...4_000)
        guarded { _ = open.remove(connection) }
      }

      func stop() -> Int { guarded { open.reduce(0) { $0 + $1 } } }
    }
    let server = Server(variant)
    threads(
      { for connection in 0..<8 { server.handle(connection) } },
      { for connection in 100..<108 { server.handle(connection) } },
      {
        pause(6_000...14_000)
        _ = server.stop()
      })
  }

  /// One thread adds entries steadily, another one removes what is old, once in a while.
  @Sendable static func rareSweep(_ variant: Variant) {
    final class Entries: @unchecked Sendable {
      var added = Table<Int, Int>()
      let guarded: Guard
      init(_ variant: Variant) { guarded = Guard(variant) }

      func sweep(before limit: Int) {
        guarded {
          let old = added.filter { $0.value < limit }.map(\.key)
          for key in old { added[key] = nil }
        }
      }
    }
    let entries = Entries(variant)
    threads(
      {
        for entry in 0..<40 {
          pause(80...400)
          entries.guarded { entries.added[entry] = entry }
        }
      },
      {
        pause(3_000...12_000)
        entries.sweep(before: 10)
      })
  }

  /// Observers come and go on one thread; another one calls them.
  @Sendable static func observerList(_ variant: Variant) {
    final class Subject: @unchecked Sendable {
      var observers = List<@Sendable (Int) -> Void>()
      let guarded: Guard
      init(_ variant: Variant) { guarded = Guard(variant) }

      func add(_ observer: @escaping @Sendable (Int) -> Void) { guarded { observers.append(observer) } }
      func removeFirst() { guarded { if !observers.isEmpty { observers.removeFirst() } } }
      func notify(_ event: Int) {
        let present = guarded { observers.map { $0 } }
        for observer in present { observer(event) }
      }
    }
    let subject = Subject(variant)
    threads(
      {
        for round in 0..<6 {
          subject.add { _ in compute(microseconds: 20) }
          pause(500...3_000)
          if round % 3 == 2 { subject.removeFirst() }
        }
      },
      {
        for event in 0..<8 {
          pause(400...2_500)
          subject.notify(event)
        }
      })
  }

  /// A cache that is emptied when memory is short, beside threads that look things up.
  @Sendable static func cacheEviction(_ variant: Variant) {
    final class Cache: @unchecked Sendable {
      var images = Table<String, [UInt8]>()
      let guarded: Guard
      init(_ variant: Variant) { guarded = Guard(variant) }

      func image(_ name: String) -> [UInt8] {
        if let known = guarded({ images[name] }) { return known }
        pause(300...1_200)
        let made = [UInt8](repeating: 7, count: 64)
        guarded { images[name] = made }
        return made
      }
    }
    let cache = Cache(variant)
    threads(
      {
        for index in 0..<10 {
          _ = cache.image("a\(index % 5)")
          pause(100...700)
        }
      },
      {
        for index in 0..<10 {
          _ = cache.image("b\(index % 4)")
          pause(100...900)
        }
      },
      {
        pause(4_000...9_000)
        cache.guarded { cache.images.removeAll() }
      })
  }

  /// Nodes report that they are alive; a monitor looks which have been silent.
  @Sendable static func heartbeats(_ variant: Variant) {
    final class Nodes: @unchecked Sendable {
      var lastSeen = Table<Int, UInt64>()
      let guarded: Guard
      init(_ variant: Variant) { guarded = Guard(variant) }
    }
    let nodes = Nodes(variant)
    let node: @Sendable (Int) -> Void = { id in
      for _ in 0..<10 {
        pause(3_000...6_000)
        nodes.guarded { nodes.lastSeen[id] = DispatchTime.now().uptimeNanoseconds }
      }
    }
    threads(
      { node(0) }, { node(1) }, { node(2) },
      {
        for _ in 0..<3 {
          pause(12_000...16_000)
          nodes.guarded { for (_, time) in nodes.lastSeen where time == 0 { compute(microseconds: 5) } }
        }
      })
  }

  /// Downloads take themselves out of a table when they end; the user cancels all of them.
  @Sendable static func cancelAll(_ variant: Variant) {
    final class Downloads: @unchecked Sendable {
      var running = Table<Int, String>()
      let guarded: Guard
      let pool = WorkerPool(threads: 3)
      init(_ variant: Variant) { guarded = Guard(variant) }

      func start(_ id: Int) {
        guarded { running[id] = "running" }
        pool.submit { [self] in
          pause(1_000...6_000)
          guarded { running[id] = nil }
        }
      }

      func cancelAll() -> Int {
        guarded {
          let count = running.count
          running.removeAll()
          return count
        }
      }
    }
    let downloads = Downloads(variant)
    for id in 0..<9 {
      downloads.start(id)
      pause(200...1_000)
    }
    _ = downloads.cancelAll()
    downloads.pool.close()
  }
}
