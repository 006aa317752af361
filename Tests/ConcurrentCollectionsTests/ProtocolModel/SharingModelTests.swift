// SPDX-License-Identifier: Apache-2.0
//
// All interleavings of readers and writers: no writer is inside with another thread, no wait is
// endless, and every part is needed.

import Testing

extension ConcurrentCollectionsTests {
  @Suite struct SharingModelTests {
    typealias Operations = [[SharingModel.Operation]]

    @Test(
      "no writer is inside with anybody, and nobody waits for ever",
      arguments: [
        [[.read, .read], [.write, .write], [.read]], [[.read, .longRead], [.write], [.write]],
        [[.longRead, .read], [.longRead], [.write, .read]],
      ] as [Operations], [true, false])
    func isSound(operations: Operations, isShared: Bool) {
      let outcome = Exploration(from: SharingModel(isShared: isShared, operations))
      #expect(outcome.isSound && outcome.states > 500, "\(outcome)")
    }

    @Test(
      "without any one part a writer gets in with readers, or waits for ever",
      arguments: [
        (.secondLook, true), (.markOfLongRead, true), (.markOfSharing, true), (.wait, true), (.lastLook, false),
        (.lookOfLeaving, false),
      ] as [(SharingModel.Omission, Bool)])
    func everyPartIsNeeded(omission: SharingModel.Omission, breaks: Bool) {
      let operations: Operations = [[.read, .read], [.longRead], [.write, .write]]
      let outcomes = [true, false].map { Exploration(from: SharingModel(isShared: $0, operations, omitting: omission)) }
      #expect(outcomes.contains { breaks ? $0.isBroken : $0.isStuck }, "without \(omission): \(outcomes)")
    }
  }
}
