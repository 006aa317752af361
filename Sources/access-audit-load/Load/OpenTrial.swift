// SPDX-License-Identifier: Apache-2.0
//
// Operations that come by a schedule, whatever becomes of those before. The latency of each is
// counted from the moment it was planned for: an operation that stalls makes all those late that
// were to come meanwhile, and they count. G. Tene calls the opposite "coordinated omission".

#if ReportTools && canImport(Glibc)
import AccessTraffic
import Foundation
import Synchronization

struct OpenTrial: Sendable {
  var threads: Int
  var readPercent: Int
  /// Of all threads together.
  var perSecond: Double
  var seconds: Double
  var seed: UInt64
  /// A run that has not done all it planned so long after its end is ended.
  var patience = 0.5

  /// The times that one thread waits for, and what it does with them.
  struct Account: Sendable {
    var latencies = Spread()
    /// Done after the end of the run, or not at all.
    var late: UInt64 = 0
    var unfinished: UInt64 = 0
  }

  var cutoff: UInt64 { UInt64((seconds + patience) * 1e9) }
  var end: UInt64 { UInt64(seconds * 1e9) }

  func arrivals(_ number: Int) -> ArrivalSchedule.Arrivals {
    ArrivalSchedule(seed: seed, stream: number).arrivals(perSecond: perSecond / Double(threads))
  }

  /// Plays one thread's part: calls `perform` for each arrival.
  ///
  /// - Parameters:
  ///   - clock: the time since the start.
  ///   - wait: returns when this time has come, or later.
  @inline(__always)  // The loop must hold the operation's code, specialised.
  func play(
    _ schedule: ArrivalSchedule.Arrivals, clock: () -> UInt64, wait: (UInt64) -> Void, perform: () -> Void
  ) -> Account {
    var (account, arrivals) = (Account(), schedule)
    var planned = arrivals.next()
    var now = clock()
    while planned < end {
      if planned > now { wait(planned) }
      perform()
      now = clock()
      account.latencies.add(now > planned ? now - planned : 0)
      if now > end { account.late += 1 }
      planned = arrivals.next()
      if now > cutoff { return giveUp(account, planned, arrivals, now) }
    }
    return account
  }

  /// What was planned and is not done any more counts with the age that it has.
  private func giveUp(
    _ account: Account, _ first: UInt64, _ arrivals: ArrivalSchedule.Arrivals, _ now: UInt64
  ) -> Account {
    var (account, arrivals, planned) = (account, arrivals, first)
    while planned < end {
      account.latencies.add(now - planned)
      account.late += 1
      account.unfinished += 1
      planned = arrivals.next()
    }
    return account
  }

  func run<Subject: LoadSubject>(_ subject: Subject, _ stream: KeyStream<Subject.Key>) -> OpenResult {
    let line = StartLine(threads + 1)
    let shared = Shared(accounts: [])
    Crew.run(threads, beside: { _ = line.start() }) { number in
      var walk = Walk(stream, readPercent: readPercent, number: number)
      let arrivals = arrivals(number)
      let start = line.wait()
      let account = play(
        arrivals, clock: { monotonicNanoseconds() &- start },
        wait: { sleepUntil(start &+ $0) }, perform: { walk.step(subject) })
      walk.end()
      shared.add(account)
    }
    return shared.result
  }

  func run<Subject: AsyncLoadSubject>(async subject: Subject, _ stream: KeyStream<Subject.Key>) -> OpenResult {
    let shared = Shared(accounts: [])
    Crew.wait {
      let start = monotonicNanoseconds()
      await withTaskGroup(of: Void.self) { group in
        for number in 0..<threads {
          group.addTask {
            var walk = Walk(stream, readPercent: readPercent, number: number)
            var (account, arrivals) = (Account(), arrivals(number))
            var planned = arrivals.next()
            var now = monotonicNanoseconds() &- start
            while planned < end {
              if planned > now {
                // A task must not keep the pool's thread while it waits.
                try? await Task.sleep(nanoseconds: planned - now)
              }
              await walk.step(async: subject)
              now = monotonicNanoseconds() &- start
              account.latencies.add(now > planned ? now - planned : 0)
              if now > end { account.late += 1 }
              planned = arrivals.next()
              if now > cutoff {
                account = giveUp(account, planned, arrivals, now)
                break
              }
            }
            walk.end()
            shared.add(account)
          }
        }
      }
    }
    return shared.result
  }

  private final class Shared: Sendable {
    private let accounts: Mutex<[Account]>
    init(accounts: [Account]) { self.accounts = Mutex(accounts) }
    func add(_ account: Account) { accounts.withLock { $0.append(account) } }
    var result: OpenResult { accounts.withLock { OpenResult($0) } }
  }
}

/// What came of it, over all threads.
struct OpenResult: Sendable {
  var latencies = Spread()
  var late: UInt64 = 0
  var unfinished: UInt64 = 0

  init(_ accounts: [OpenTrial.Account]) {
    for account in accounts {
      latencies = latencies.merged(account.latencies)
      late += account.late
      unfinished += account.unfinished
    }
  }

  /// Done within the time of the run.
  var served: UInt64 { latencies.count - late }

  /// Whether the goal holds: the quantile of the latencies, and no backlog at the end that shows
  /// that more came than could be done.
  func holds(_ quantile: Double, within nanoseconds: UInt64, threads: Int) -> Bool {
    latencies.quantile(quantile) <= nanoseconds && late <= latencies.count / 50 + UInt64(2 * threads)
  }
}
#endif
