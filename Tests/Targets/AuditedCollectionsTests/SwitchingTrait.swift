// SPDX-License-Identifier: Apache-2.0
//
// Tests that switch auditing for the whole process take turns, also those of different suites:
// `.serialized` orders the tests of one suite only.

import Testing

/// Runs a test while no other test with this trait runs.
struct SwitchingTrait: SuiteTrait, TestTrait, TestScoping {
  var isRecursive: Bool { true }

  func provideScope(
    for test: Test, testCase: Test.Case?, performing function: @Sendable () async throws -> Void
  ) async throws {
    guard testCase != nil else { return try await function() }
    await Turns.shared.take()
    let result: Result<Void, any Error>
    do { result = .success(try await function()) } catch { result = .failure(error) }
    await Turns.shared.end()
    try result.get()
  }

  /// Nobody blocks a thread while waiting: the tests themselves need the pool's threads.
  private actor Turns {
    static let shared = Turns()
    private var isTaken = false
    private var waiting: [CheckedContinuation<Void, Never>] = []

    func take() async {
      if !isTaken {
        isTaken = true
        return
      }
      await withCheckedContinuation { waiting.append($0) }
    }

    /// Hands the turn to who has waited longest.
    func end() {
      if waiting.isEmpty {
        isTaken = false
      } else {
        waiting.removeFirst().resume()
      }
    }
  }
}

extension Trait where Self == SwitchingTrait {
  /// The test switches auditing for the whole process.
  static var switchesAuditing: Self { Self() }
}
