// SPDX-License-Identifier: Apache-2.0
//
// Event loops and timers: state that belongs to a loop, touched from outside it. The twins hop onto
// the loop.

import Foundation

enum LoopPrograms {
  static let all = [
    HuntProgram("loop-registry", loopRegistry), HuntProgram("two-loops", twoLoops),
    HuntProgram("timer-expiry", timerExpiry), HuntProgram("loop-close", loopClose),
  ]

  /// Handlers are registered from another thread while the loop looks them up.
  @Sendable static func loopRegistry(_ variant: Variant) {
    final class Router: @unchecked Sendable {
      var handlers = Table<String, Int>()
      let loop = EventLoop("router")
    }
    let router = Router()
    for request in 0..<10 {
      router.loop.schedule(after: request * 900 + Int.random(in: 0...600)) {
        if router.handlers["/\(request % 4)"] != nil { compute(microseconds: 100) }
      }
    }
    for route in 0..<5 {
      pause(400...2_500)
      let register: @Sendable () -> Void = { router.handlers["/\(route)"] = route }
      if variant == .fixed { router.loop.execute(register) } else { register() }
    }
    router.loop.stop()
  }

  /// Each loop counts its connections in a table that both share.
  @Sendable static func twoLoops(_ variant: Variant) {
    final class Counts: @unchecked Sendable {
      var perLoop = Table<Int, Int>()
    }
    let counts = Counts()
    let loops = [EventLoop("loop-0"), EventLoop("loop-1")]
    for connection in 0..<12 {
      let index = connection % 2
      loops[index].schedule(after: connection * 500 + Int.random(in: 0...1_500)) {
        compute(microseconds: 80)
        let count: @Sendable () -> Void = { counts.perLoop[index, default: 0] += 1 }
        if variant == .fixed { loops[0].execute(count) } else { count() }
      }
    }
    // The second first: it may have posted to the first.
    loops[1].stop()
    loops[0].stop()
  }

  /// A timer removes what has expired, on a queue of its own, while requests are added.
  @Sendable static func timerExpiry(_ variant: Variant) {
    final class Leases: @unchecked Sendable {
      var granted = Table<Int, UInt64>()
      let queue = DispatchQueue(label: "leases")
    }
    let leases = Leases()
    let timer = DispatchSource.makeTimerSource(queue: leases.queue)
    timer.schedule(deadline: .now() + .milliseconds(4), repeating: .milliseconds(6))
    timer.setEventHandler {
      let now = DispatchTime.now().uptimeNanoseconds
      for key in leases.granted.filter({ $0.value < now }).map(\.key) { leases.granted[key] = nil }
    }
    timer.activate()
    for lease in 0..<18 {
      pause(500...1_800)
      let grant: @Sendable () -> Void = {
        leases.granted[lease] = DispatchTime.now().uptimeNanoseconds + 3_000_000
      }
      if variant == .fixed { leases.queue.sync(execute: grant) } else { grant() }
    }
    timer.cancel()
    leases.queue.sync {}
  }

  /// A channel table that belongs to a loop: `close()` is called by the program's main thread.
  @Sendable static func loopClose(_ variant: Variant) {
    final class Channels: @unchecked Sendable {
      var active = Table<Int, String>()
      let loop = EventLoop("channels")
    }
    let channels = Channels()
    for channel in 0..<8 {
      channels.loop.schedule(after: channel * 700 + Int.random(in: 0...500)) { channels.active[channel] = "active" }
      channels.loop.schedule(after: channel * 700 + 3_000) { channels.active[channel] = nil }
    }
    pause(3_000...7_000)
    let close: @Sendable () -> Void = {
      if channels.active[3] != nil { channels.active[3] = "closing" }
    }
    if variant == .fixed { channels.loop.wait(close) } else { close() }
    channels.loop.stop()
  }
}
