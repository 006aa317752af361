// SPDX-License-Identifier: Apache-2.0
//
// How a recorded stack tells resume points of awaiting callers from return addresses. Data only.

#if REPORTS && canImport(Glibc)

/// The resume point of an awaiting caller, which stands behind the return addresses of a stack and
/// bears a mark.
package enum ResumePoint {
  /// The bit that marks a resume point; no address of a program has it.
  package static var mark: UInt64 { 1 << 63 }

  package static func isMarked(_ address: UInt64) -> Bool { address & mark != 0 }
}

#endif
