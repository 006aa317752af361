// SPDX-License-Identifier: Apache-2.0
//
// Where the frames of a report come from: with names, which takes reading files, or without, which
// takes no time.

#if REPORTS && canImport(Glibc)

internal import AccessTerms

package enum FrameSource {
  case names(Symbolicator)
  /// The image and the place in its file only: what a report is certain to have.
  case addresses(LoadedImages)

  /// Announces the stacks that will be asked for.
  package func prepare(_ stacks: [[UInt64]]) {
    if case .names(let symbolicator) = self { symbolicator.learn(Array(stacks.joined())) }
  }

  /// The frames of a stack, innermost first.
  package func frames(_ addresses: [UInt64]) -> [Violation.Frame] {
    switch self {
    case .names(let symbolicator): return symbolicator.frames(addresses)
    case .addresses(let images):
      return addresses.map { address in
        var frame = images.bareFrame(address)
        if ResumePoint.isMarked(address) { frame.awaiting = true }
        return frame
      }
    }
  }

  /// The images that a violation's frames lie in.
  package func images(of violation: Violation) -> [Violation.Image] {
    let frames =
      violation.accesses.flatMap(\.stack) + (violation.container.created?.stack ?? [])
      + violation.history.compactMap(\.frame)
    switch self {
    case .names(let symbolicator): return symbolicator.images.described(frames)
    case .addresses(let images): return images.described(frames)
    }
  }
}

#endif
