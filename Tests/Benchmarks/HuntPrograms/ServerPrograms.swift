// SPDX-License-Identifier: Apache-2.0
//
// Request handlers of servers: sessions, rate limits, metrics, responses that come back out of
// order.

import Foundation

enum ServerPrograms {
  static let all = [
    HuntProgram("session-cache", sessionCache), HuntProgram("rate-limiter", rateLimiter),
    HuntProgram("metrics-registry", metricsRegistry), HuntProgram("pending-requests", pendingRequests),
    HuntProgram("three-tables", threeTables), HuntProgram("chat-rooms", chatRooms),
  ]

  /// Each request looks its session up and makes one if there is none.
  @Sendable static func sessionCache(_ variant: Variant) {
    final class Sessions: @unchecked Sendable {
      var byToken = Table<String, Int>()
      let guarded: Guard
      init(_ variant: Variant) { guarded = Guard(variant) }

      func session(_ token: String) -> Int {
        guarded {
          if let known = byToken[token] { return known }
          let made = token.utf8.count
          byToken[token] = made
          return made
        }
      }
    }
    let sessions = Sessions(variant)
    threads(4) { worker in
      for request in 0..<8 {
        pause(200...1_500)
        compute(microseconds: 100)
        _ = sessions.session("token-\((worker * 5 + request) % 11)")
      }
    }
  }

  /// Counts the requests of each client in a window of time.
  @Sendable static func rateLimiter(_ variant: Variant) {
    final class Limiter: @unchecked Sendable {
      var buckets = Table<Int, Int>()
      let guarded: Guard
      init(_ variant: Variant) { guarded = Guard(variant) }

      func allows(_ client: Int) -> Bool {
        guarded {
          buckets[client, default: 0] += 1
          return buckets[client, default: 0] < 100
        }
      }
    }
    let limiter = Limiter(variant)
    threads(3) { worker in
      for request in 0..<8 {
        pause(500...2_500)
        if limiter.allows((worker + request) % 4) { compute(microseconds: 150) }
      }
    }
  }

  /// Counters are made when they are first used, from handlers on several threads.
  @Sendable static func metricsRegistry(_ variant: Variant) {
    final class Registry: @unchecked Sendable {
      var counters = Table<String, Int>()
      let guarded: Guard
      init(_ variant: Variant) { guarded = Guard(variant) }

      func counter(_ name: String) {
        guarded { if counters[name] == nil { counters[name] = 0 } }
      }
    }
    let registry = Registry(variant)
    threads(3) { worker in
      for name in ["requests", "errors", "bytes", "latency"] {
        registry.counter("\(name).\(worker % 2)")
        pause(100...800)
      }
    }
  }

  /// A client of a remote service: callers note what they wait for, the reading thread takes it
  /// out.
  @Sendable static func pendingRequests(_ variant: Variant) {
    final class Client: @unchecked Sendable {
      var pending = Table<Int, DispatchSemaphore>()
      let guarded: Guard
      let replies = EventLoop("replies")
      init(_ variant: Variant) { guarded = Guard(variant) }

      func call(_ id: Int) {
        let done = DispatchSemaphore(value: 0)
        guarded { pending[id] = done }
        replies.schedule(after: Int.random(in: 200...900)) { [self] in
          guarded { pending.removeValue(forKey: id) }?.signal()
        }
        _ = done.wait(timeout: .now() + .milliseconds(100))
      }
    }
    let client = Client(variant)
    threads(2) { caller in
      for call in 0..<10 {
        compute(microseconds: 100)
        client.call(caller * 100 + call)
        pause(50...600)
      }
    }
    client.replies.stop()
  }

  /// Users by ID, by name, and who is online: three collections that have to agree.
  @Sendable static func threeTables(_ variant: Variant) {
    final class Directory: @unchecked Sendable {
      var byID = Table<Int, String>()
      var byName = Table<String, Int>()
      var online = Bag<Int>()
      let guarded: Guard
      init(_ variant: Variant) { guarded = Guard(variant) }

      func join(_ id: Int, _ name: String) {
        guarded {
          byID[id] = name
          byName[name] = id
          online.insert(id)
        }
      }

      func leave(_ id: Int) {
        guarded {
          online.remove(id)
          if let name = byID.removeValue(forKey: id) { byName[name] = nil }
        }
      }
    }
    let directory = Directory(variant)
    threads(
      {
        for id in 0..<6 {
          pause(300...2_000)
          directory.join(id, "user-\(id)")
        }
      },
      {
        for id in 10..<14 {
          directory.join(id, "guest-\(id)")
          pause(800...3_000)
          directory.leave(id)
        }
      })
  }

  /// Members of rooms: sets in a table, mutated in place.
  @Sendable static func chatRooms(_ variant: Variant) {
    final class Rooms: @unchecked Sendable {
      var members = Table<String, Set<Int>>()
      let guarded: Guard
      init(_ variant: Variant) { guarded = Guard(variant) }

      func join(_ room: String, _ user: Int) { guarded { _ = members[room, default: []].insert(user) } }
      func leave(_ room: String, _ user: Int) { guarded { _ = members[room]?.remove(user) } }
    }
    let rooms = Rooms(variant)
    threads(3) { user in
      for room in ["lobby", "swift", "linux"] {
        pause(200...2_000)
        rooms.join(room, user)
        compute(microseconds: 200)
        pause(200...2_000)
        rooms.leave(room, user)
      }
    }
  }
}
