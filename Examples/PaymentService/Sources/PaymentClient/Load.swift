// SPDX-License-Identifier: Apache-2.0
//
// An open-loop client: requests begin on a fixed schedule, whether or not earlier ones have been
// answered, and their latency counts from the moment they were to begin. A service that stalls
// cannot slow down those who measure it.

import NIOCore
import NIOHTTP1
import NIOPosix

struct LoadOptions: Sendable {
  var port = 8_080
  var rate = 100
  var seconds = 25
  var timeout = 5
  var name = "load"
  /// One request in so many asks for the overview; the others pay.
  static let overviewEvery = 10
  /// How many requests may wait for an answer at once.
  static let limit = 4_000
}

struct Load: Sendable {
  let options: LoadOptions

  func run() async -> LoadResult {
    let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
    let connections = Connections(port: options.port, group: group)
    let tally = Tally(options)
    let begin = ContinuousClock.now
    await withTaskGroup { tasks in
      for index in 0..<options.rate * options.seconds {
        let offset = Duration.nanoseconds(Int64(index) * 1_000_000_000 / Int64(options.rate))
        try? await Task.sleep(until: begin + offset)
        guard await tally.begin(at: offset) else { continue }
        tasks.addTask {
          let outcome = await request(index, connections, tally, at: offset)
          await tally.end(outcome, at: offset, taken: begin.duration(to: .now) - offset)
        }
      }
    }
    try? await group.shutdownGracefully()
    return await tally.result
  }

  private func request(
    _ index: Int, _ connections: Connections, _ tally: Tally, at offset: Duration
  ) async -> Outcome {
    let isOverview = index % LoadOptions.overviewEvery == 0
    let deadline = NIODeadline.now() + .seconds(Int64(options.timeout))
    // As gateways do: a failure is swallowed and the request made again, until it is given up.
    while true {
      do {
        let status = try await connections.send(
          isOverview ? .GET : .POST, isOverview ? "/overview" : "/payments/order-\(options.name)-\(index)",
          until: deadline)
        return status == 200 ? .answered : .failed
      } catch RequestFailure.timedOut {
        return .timedOut
      } catch {
        await tally.fail(error is NIOConnectionError, at: offset)
        if .now() + .milliseconds(50) >= deadline { return .timedOut }
        try? await Task.sleep(for: .milliseconds(50))
      }
    }
  }
}

enum Outcome: Sendable {
  case answered
  case failed
  case timedOut
}

/// What has become of the requests, by the second in which they were to begin.
actor Tally {
  private var seconds: [SecondOfLoad]
  private var latencies: [[Double]]
  private var waiting = 0
  private let options: LoadOptions

  init(_ options: LoadOptions) {
    self.options = options
    seconds = (0..<options.seconds).map { SecondOfLoad(second: $0) }
    latencies = Array(repeating: [], count: options.seconds)
  }

  /// Whether the request may be sent.
  func begin(at offset: Duration) -> Bool {
    let second = Int(offset / .seconds(1))
    guard waiting < LoadOptions.limit else {
      seconds[second].unsent += 1
      return false
    }
    waiting += 1
    return true
  }

  /// An attempt that did not succeed; it counts in the second in which the request was to begin.
  func fail(_ isRefused: Bool, at offset: Duration) {
    let second = Int(offset / .seconds(1))
    if isRefused { seconds[second].refused += 1 } else { seconds[second].broken += 1 }
  }

  func end(_ outcome: Outcome, at offset: Duration, taken: Duration) {
    waiting -= 1
    let second = Int(offset / .seconds(1))
    switch outcome {
    case .answered: seconds[second].answered += 1
    case .failed: seconds[second].failed += 1
    case .timedOut: seconds[second].timedOut += 1
    }
    if outcome == .answered || outcome == .timedOut { latencies[second].append(taken / .milliseconds(1)) }
  }

  var result: LoadResult {
    var result = LoadResult(name: options.name, rate: options.rate, timeout: options.timeout, seconds: seconds)
    for (index, values) in latencies.enumerated() {
      let sorted = values.sorted()
      func quantile(_ share: Double) -> Double? {
        // The nearest rank.
        sorted.isEmpty ? nil : sorted[max(0, Int((share * Double(sorted.count)).rounded(.up)) - 1)]
      }
      result.seconds[index].p50 = quantile(0.5)
      result.seconds[index].p99 = quantile(0.99)
    }
    return result
  }
}
