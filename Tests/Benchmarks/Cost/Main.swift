// SPDX-License-Identifier: Apache-2.0
//
// The cost of an access: plain Dictionary, audited and off, audited and on, in one process, in
// turn. Prints nanoseconds and ratios as a Markdown table; the minimum over the rounds is quoted,
// because other load only adds.

import AuditedCollections
import Foundation

@main
enum Main {
  /// On a separate thread, whose stack begins here: about five frames lie above the loops, as in
  /// the stated targets.
  static func main() {
    var thread = pthread_t()
    let status = pthread_create(
      &thread, nil,
      { _ in
        Main.measure()
        return nil
      }, nil)
    precondition(status == 0, "a thread could not be started")
    pthread_join(thread, nil)
  }

  @inline(never)
  static func measure() {
    let rounds = CommandLine.arguments.dropFirst().first.flatMap { Int($0) } ?? 25
    let operations = Measurement.isDebug ? 20_000 : 200_000
    let ints = Cell(keys: Array(0..<1024), operations: operations)
    let strings = Cell(keys: (0..<1024).map { "order-number-\($0)" }, operations: operations)
    let small = SmallCells(count: operations / 2)
    var rows = [
      Row("set Int"), Row("get Int"), Row("set String"), Row("get String"), Row("make a small one"),
      Row("first write to a copy of it"), Row("end of it"),
    ]
    for _ in 0..<rounds {
      for (column, mode) in Mode.allCases.enumerated() {
        mode.switchOn()
        rows[0].add(column, ints.set(mode))
        rows[1].add(column, ints.get(mode))
        rows[2].add(column, strings.set(mode))
        rows[3].add(column, strings.get(mode))
        rows[4].add(column, small.make(mode))
        rows[6].add(column, small.end(mode))
        rows[5].add(column, small.fork(mode))
        rows[6].add(column, small.end(mode))
      }
    }
    print(
      "| \(Measurement.isDebug ? "debug" : "release") | plain | off | on | on, stacks=off | off, ratio | on, ratio | stacks=off, ratio |"
    )
    print("|---|---|---|---|---|---|---|---|")
    rows.forEach { print($0.text) }
  }
}

enum Mode: CaseIterable {
  case plain, off, on, withoutStacks

  /// As the environment has it: `ACCESS_AUDIT=hunt=off` measures without hunting.
  private static let hunt = AccessAudit.configuration.hunt

  func switchOn() {
    AccessAudit.configure(
      AuditConfiguration(
        isEnabled: self == .on || self == .withoutStacks, onViolation: .halt,
        stacks: self == .withoutStacks ? .off : .full, hunt: Self.hunt))
  }
}

/// The smallest time of each column.
struct Row {
  let name: String
  var nanoseconds = [Double](repeating: .infinity, count: Mode.allCases.count)

  init(_ name: String) { self.name = name }

  mutating func add(_ column: Int, _ value: Double) { nanoseconds[column] = min(nanoseconds[column], value) }

  var text: String {
    let values = nanoseconds.map { String(format: "%.1f ns", $0) }
    let ratios = nanoseconds.dropFirst().map { String(format: "%.2f", $0 / nanoseconds[0]) }
    return "| \(name) | \((values + ratios).joined(separator: " | ")) |"
  }
}

enum Measurement {
  static var isDebug: Bool {
    #if DEBUG
    true
    #else
    false
    #endif
  }

  /// Nanoseconds for one of `operations` operations that `body` makes.
  @inline(__always)
  static func time(_ operations: Int, _ body: () -> Void) -> Double {
    let begin = DispatchTime.now().uptimeNanoseconds
    body()
    return Double(DispatchTime.now().uptimeNanoseconds - begin) / Double(operations)
  }
}
