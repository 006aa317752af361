// SPDX-License-Identifier: Apache-2.0
//
// The suspension of a task until another thread or task resumes it. Nothing else here waits.

import Synchronization

/// A task that is suspended, as the one that resumes it has it.
///
/// What comes before the resumption comes before what the task does next, and a race detector sees
/// that. Where the resumption comes before the task has suspended itself, the runtime orders the
/// two by a word that ThreadSanitizer does not see; so both sides pass a word that it does see.
struct OrderedContinuation<Returned: Sendable>: Sendable {
  private final class Passage: Sendable {
    let isOpen = Atomic<Bool>(false)
  }

  private let continuation: CheckedContinuation<Returned, Never>
  private let passage: Passage

  /// Lets the task go on. To be called once.
  func resume(returning value: sending Returned) {
    // Pairs with the load in `suspend`.
    passage.isOpen.store(true, ordering: .releasing)
    continuation.resume(returning: value)
  }

  /// Suspends the task; `body` makes known what it waits for.
  static func suspend(
    isolation: isolated (any Actor)? = #isolation, _ body: (OrderedContinuation) -> Void
  ) async -> Returned {
    let passage = Passage()
    let value = await withCheckedContinuation { continuation in
      body(OrderedContinuation(continuation: continuation, passage: passage))
    }
    _ = passage.isOpen.load(ordering: .acquiring)
    return value
  }
}
