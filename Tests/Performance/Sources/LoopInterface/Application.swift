// SPDX-License-Identifier: Apache-2.0
//
// Programs in small that do more than touch dictionaries: what the audit costs a program, not an access.

/// A program that is timed as a whole.
open class Application {
  public init() {}

  /// Its name in results.
  open var name: String { fatalError("overridden by each application") }

  /// Does all its work once.
  ///
  /// - Returns: a number that depends on everything it did, to be compared between the subjects.
  open func run() -> Int { fatalError("overridden by each application") }
}
