// SPDX-License-Identifier: Apache-2.0
//
// A recorder has one owner at a time, regardless of the moment at which the detector reads it.

#if AUDITED && canImport(Glibc)

import Foundation
import Testing

@testable import AccessAudit
@testable import AccessDetector
@testable import AccessReports
@testable import AccessTerms
@testable import AccessWindows
@testable import AccessRecorder

@Suite(.serialized)
struct RecorderLifeTests {
  @Test func phases_followEachOther() {
    var life = RecorderLife(rawValue: 0)
    for number in UInt64(1)...3 {
      life = life.withNextOwner
      #expect(life.owner == number && life.phase == RecorderLife.adopting)
      for phase in [RecorderLife.owned, RecorderLife.ended, RecorderLife.free] {
        life = life.entering(phase)
        #expect(life.owner == number && life.phase == phase)
      }
    }
  }

  /// A detector that saw an owner's end, and frees the recorder when another thread already owns
  /// it, does not succeed.
  @Test func lateDetector_doesNotGiveAwayWhatIsOwnedAgain() {
    let first = Owner()
    let recorder = first.recorder
    first.end()
    let seen = recorder.pointee.life
    #expect(seen.hasEnded)
    ThreadRegistry.recycle(recorder, seen)
    // Free recorders are reused oldest first: some thread gets this one.
    var owners: [Owner] = []
    repeat { owners.append(Owner()) } while recorder.pointee.life.owner == seen.owner && owners.count < 200
    #expect(recorder.pointee.life.owner == seen.owner + 1)
    ThreadRegistry.recycle(recorder, seen)
    #expect(recorder.pointee.life.isOwned)
    for _ in 0..<100 {
      owners.append(Owner())
      #expect(owners.last!.recorder != recorder)
    }
    owners.forEach { $0.end() }
  }

  /// All orders of the steps of the detector and of an adopting thread. With one word there is
  /// always one owner. With the two words of an earlier version, stored in one order and loaded in
  /// the other, some orders give two owners.
  @Test func model_hasOneOwner() {
    #expect(RecorderModel.explore(words: .one) == 0)
    #expect(RecorderModel.explore(words: .two) > 0)
  }
}

/// A thread that has a recorder and waits for its end.
final class Owner: @unchecked Sendable {
  let recorder: ThreadRecorderPointer
  private let ending = DispatchSemaphore(value: 0)
  private let thread: pthread_t

  init() {
    let ready = DispatchSemaphore(value: 0)
    var thread = pthread_t()
    let context = Context(ready: ready, ending: ending)
    pthread_create(
      &thread, nil,
      { pointer in
        let context = Unmanaged<Context>.fromOpaque(pointer!).takeRetainedValue()
        context.recorder = ThreadRegistry.attach()
        context.ready.signal()
        context.ending.wait()
        return nil
      }, Unmanaged.passRetained(context).toOpaque())
    ready.wait()
    self.thread = thread
    recorder = context.recorder!
  }

  func end() {
    ending.signal()
    pthread_join(thread, nil)
  }

  private final class Context: @unchecked Sendable {
    var recorder: ThreadRecorderPointer?
    let ready: DispatchSemaphore
    let ending: DispatchSemaphore
    init(ready: DispatchSemaphore, ending: DispatchSemaphore) {
      self.ready = ready
      self.ending = ending
    }
  }
}

/// A free recorder, a thread that adopts it, and a detector in the middle of a round: all orders of
/// their steps.
private struct RecorderModel {
  enum Words { case one, two }

  private var hasEnded = true
  private var adoptions = 1
  private var life = RecorderLife(rawValue: 0).withNextOwner.entering(RecorderLife.free)
  /// The detector's state: the owner whose end it has seen, and the words that it has loaded.
  private let recycled = 1
  private var loadedEnd = false
  private var loadedOwner = 0
  private var loadedLife = RecorderLife(rawValue: 0)
  private var isInFreeList = true

  private typealias Step = @Sendable (inout RecorderModel) -> Void

  private static func adopter(_ words: Words) -> [Step] {
    switch words {
    case .one:
      [
        { $0.isInFreeList = false }, { $0.life = $0.life.withNextOwner },
        { $0.life = $0.life.entering(RecorderLife.owned) },
      ]
    case .two: [{ $0.isInFreeList = false }, { $0.adoptions += 1 }, { $0.hasEnded = false }]
    }
  }

  private static func detector(_ words: Words) -> [Step] {
    switch words {
    case .one:
      [
        { $0.loadedLife = $0.life },
        { model in
          let isDue = model.loadedLife.hasEnded && model.life == model.loadedLife
          if isDue { (model.life, model.isInFreeList) = (model.life.entering(RecorderLife.free), true) }
        },
      ]
    case .two:
      [
        { $0.loadedEnd = $0.hasEnded }, { $0.loadedOwner = $0.adoptions },
        { if $0.loadedEnd && $0.recycled != $0.loadedOwner { $0.isInFreeList = true } },
      ]
    }
  }

  /// The number of orders that end with a recorder that a thread owns and that is in the free list.
  static func explore(words: Words) -> Int {
    func run(_ model: RecorderModel, _ left: ArraySlice<Step>, _ right: ArraySlice<Step>) -> Int {
      if left.isEmpty && right.isEmpty { return model.isInFreeList ? 1 : 0 }
      var count = 0
      for isLeft in [true, false] {
        var next = model
        guard let step = isLeft ? left.first : right.first else { continue }
        step(&next)
        count += run(next, isLeft ? left.dropFirst() : left, isLeft ? right : right.dropFirst())
      }
      return count
    }
    return run(RecorderModel(), adopter(words)[...], detector(words)[...])
  }
}

#endif
