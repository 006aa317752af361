// SPDX-License-Identifier: Apache-2.0
//
// The overlap matrix as data: a row is one member of a collection and one way to call it. Rows only
// call their member; `MatrixRun` forces and checks the overlap.

#if AUDITED && canImport(Glibc)

import AuditedCollections

/// A member of an audited collection, to be called on a cell that two threads share.
struct MatrixRow<Cell: MatrixCell>: Sendable {
  /// The member's name in the list of the surface.
  var member: String
  var operation: AccessOperation
  var isMutating: Bool
  /// True when the call would trap after another one had removed or moved elements.
  var needsElements = false
  /// True when the call removes or moves elements.
  var isDestructive = false
  /// True when the caller's code runs inside the call, so that it can be held there. For the
  /// other members the window is opened without a call.
  var isHoldable = true
  /// The file and the lines of the call.
  var file: String
  var lines: ClosedRange<Int>
  var call: @Sendable (Cell) -> Void
}

/// A collection that two threads share, and the arguments for its members. Everything is built
/// before the trap is armed.
protocol MatrixCell: AnyObject, Sendable {
  /// - Parameter label: The collection's: a race is a pair of places on one declaration, whichever
  ///   of the two came first.
  init(_ trap: Trap, label: String)
  /// Opens a write without a member, and springs the trap in it.
  func write(_ operation: AccessOperation)
  static func add(to rows: inout MatrixRows<Self>)
}

extension MatrixCell {
  /// Opens a write without a member, with a stack of `frames` frames more: reports with equal
  /// stacks are counted as one.
  @inline(never)
  func hold(_ operation: AccessOperation, frames: Int) {
    if frames > 0 { hold(operation, frames: frames - 1) } else { write(operation) }
    withExtendedLifetime(self) {}
  }
}

/// The rows of one type, one statement each: as elements of one literal they would take the
/// compiler minutes.
struct MatrixRows<Cell: MatrixCell> {
  private(set) var all: [MatrixRow<Cell>] = []

  /// A member that reads.
  mutating func read(
    _ member: String, _ operation: AccessOperation, needsElements: Bool = false, file: String = #fileID,
    line: Int = #line,
    _ call: @escaping @Sendable (Cell) -> Void
  ) {
    all.append(
      MatrixRow(
        member: member, operation: operation, isMutating: false, needsElements: needsElements,
        file: String(file.split(separator: "/").last!), lines: line...line + 4, call: call))
  }

  /// A member that mutates.
  mutating func write(
    _ member: String, _ operation: AccessOperation, needsElements: Bool = false, isDestructive: Bool = false,
    isHoldable: Bool = true, file: String = #fileID,
    line: Int = #line, _ call: @escaping @Sendable (Cell) -> Void
  ) {
    all.append(
      MatrixRow(
        member: member, operation: operation, isMutating: true, needsElements: needsElements,
        isDestructive: isDestructive, isHoldable: isHoldable, file: String(file.split(separator: "/").last!),
        lines: line...line + 4, call: call))
  }
}

#endif
