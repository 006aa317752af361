// SPDX-License-Identifier: Apache-2.0
//
// All interleavings of threads that take one lock: one thread at a time holds it, none stays
// parked, and every part is needed for that.

import Testing

extension ConcurrentCollectionsTests {
  @Suite struct LockModelTests {
    @Test(
      "one thread at a time has the lock, and none stays parked", arguments: [[3, 3], [2, 1, 1]],
      [[], [0], [0, 1]] as [Set<Int>])
    func isSound(turns: [Int], impatient: Set<Int>) {
      let outcome = Exploration(from: LockModel(turns: turns, impatient: impatient))
      #expect(outcome.isSound && outcome.states > 200, "\(outcome)")
    }

    @Test("nobody stays parked when a thread gives up", arguments: [0, 2], [[], [0, 1]] as [Set<Int>])
    func isSoundWithGivingUp(cancelled: Int, impatient: Set<Int>) {
      let outcome = Exploration(from: LockModel(turns: [1, 1, 2], cancelled: cancelled, impatient: impatient))
      #expect(outcome.isSound, "\(outcome)")
    }

    @Test(
      "without any one part a thread stays parked, or two have the lock",
      arguments: [
        (.wakesRead, []), (.keptParked, []), (.cancelledWake, []), (.keptParkedOfRegistered, [0]),
        (.grantBeforeTaking, [0, 1]),
      ] as [(LockModel.Omission, Set<Int>)])
    func everyPartIsNeeded(omission: LockModel.Omission, impatient: Set<Int>) {
      let isFound = [[1, 1, 1], [1, 1, 2], [2, 2, 1], [1, 1, 1, 1]].contains { turns in
        let outcome = Exploration(
          from: LockModel(turns: turns, cancelled: 2, impatient: impatient, omitting: omission))
        return outcome.isStuck || outcome.isBroken
      }
      #expect(isFound, "without \(omission)")
    }
  }
}
