// SPDX-License-Identifier: Apache-2.0
//
// Small programs that do more than access dictionaries: they show the audit's cost for a program,
// not for an access.

/// A program that is timed as a whole.
open class Application {
  public init() {}

  /// Its name in results.
  open var name: String { fatalError("overridden by each application") }

  /// Does all its work once.
  ///
  /// - Returns: a number that depends on all of its work, for a comparison of the subjects.
  open func run() -> Int { fatalError("overridden by each application") }
}
