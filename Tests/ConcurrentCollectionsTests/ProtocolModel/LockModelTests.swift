// SPDX-License-Identifier: Apache-2.0
//
// All interleavings of threads that want one lock: one at a time has it, nobody is left parked, and every part is needed for that.

import Testing

extension ConcurrentCollectionsTests {
  @Suite struct LockModelTests {
    @Test("one thread at a time has the lock, and none stays parked", arguments: [[3, 3], [2, 1, 1], [1, 1, 1]])
    func isSound(turns: [Int]) {
      let outcome = Exploration(from: LockModel(turns: turns))
      #expect(outcome.isSound && outcome.states > 500, "\(outcome)")
    }

    @Test("nobody stays parked when a thread gives up", arguments: [0, 2])
    func isSoundWithGivingUp(futile: Int) {
      let outcome = Exploration(from: LockModel(turns: [1, 1, 2], futile: futile))
      #expect(outcome.isSound, "\(outcome)")
    }

    @Test(
      "without any one part a thread stays parked",
      arguments: [LockModel.Omission.barrier, .compare, .keptWish, .futileWake, .futileBarrier, .endOfLook])
    func everyPartIsNeeded(omission: LockModel.Omission) {
      let outcome = Exploration(from: LockModel(turns: [1, 1, 2], futile: 2, omitting: omission))
      #expect(outcome.isStuck && !outcome.isBroken, "without \(omission): \(outcome)")
    }
  }
}
