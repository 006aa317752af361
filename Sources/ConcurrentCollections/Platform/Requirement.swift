// SPDX-License-Identifier: Apache-2.0
//
// What callers must keep to, checked with a message in optimised builds too: `precondition` has
// none there.

/// Stops the process with a message if something a caller must keep to does not hold.
@inlinable @inline(__always)  // A comparison.
func require(
  _ holds: Bool, _ message: @autoclosure () -> String, file: StaticString = #fileID, line: UInt = #line
) {
  if !holds { fatalError(message(), file: file, line: line) }
}
