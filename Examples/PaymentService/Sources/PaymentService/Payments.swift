// SPDX-License-Identifier: Apache-2.0
//
// What the service does with a payment: it notes the order, asks the bank, and settles the order.

struct Payments: Sendable {
  let cache: any OrderCache
  let metrics: ServiceMetrics

  func pay(_ id: String, amount: Int) async throws {
    let begin = ContinuousClock.now
    metrics.inFlight.add(1, ordering: .relaxed)
    defer {
      metrics.inFlight.subtract(1, ordering: .relaxed)
      metrics.count(begin.duration(to: .now))
    }
    try await cache.add(Order(amount: amount), as: id)
    await Bank.transfer()
    await settle(id)
  }

  /// The second mistake: a failure is swallowed, and retried without end. That was to help with an
  /// order that is late; it does not help with one that is lost.
  private func settle(_ id: String) async {
    while true {
      do {
        return try await cache.settle(id, receipt: Receipt.make(id))
      } catch {
        metrics.retries.add(1, ordering: .relaxed)
        // For who looks into it later. It copies the dictionary, which loses more orders.
        if let overview = try? await cache.overview() { metrics.note(overview, at: id) }
        try? await Task.sleep(for: .milliseconds(2))
      }
    }
  }
}

/// The bank, which takes its time.
enum Bank {
  static func transfer() async { try? await Task.sleep(for: .milliseconds(75)) }
}

/// A receipt: some work, as much as a page of text and a signature are.
enum Receipt {
  static func make(_ id: String) -> UInt64 {
    // Fowler, Noll and Vo's hash, FNV-1a.
    var hash: UInt64 = 0xcbf2_9ce4_8422_2325
    for _ in 0..<1_000 {
      for byte in id.utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
    }
    return hash
  }
}
