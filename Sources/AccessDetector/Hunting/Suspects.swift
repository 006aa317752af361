// SPDX-License-Identifier: Apache-2.0
//
// The suspects of this process, made on the thread that asks for them. May allocate and block.

#if AUDITED && canImport(Glibc)

internal import AccessRecorder
package import AccessReports
internal import AccessTerms

package enum Suspects {
  /// The pairs that hunting has not decided, the ones nearest to each other first.
  package static var all: [Suspect] {
    let pairs = Hunt.pairs.filter { $0.state == .open && $0.times > 0 }.sorted { $0.gapNanoseconds < $1.gapNanoseconds }
    guard !pairs.isEmpty else { return [] }
    let symbolicator = Symbolicator()
    symbolicator.learn(pairs.flatMap { $0.one.addresses + $0.other.addresses })
    return pairs.map { pair in
      Suspect(
        accesses: [pair.one, pair.other].map { site in
          Suspect.Access(
            operation: site.operation, writing: site.isWriting, frames: symbolicator.frames(site.addresses))
        }, gapMilliseconds: Double(pair.gapNanoseconds) / 1e6, timesNear: pair.times, holds: pair.holds)
    }
  }
}

#endif
