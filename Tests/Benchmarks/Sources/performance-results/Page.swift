// SPDX-License-Identifier: Apache-2.0
//
// Results as a page of the documentation. Pure functions of a run.

/// Renders a run.
struct Page {
  let results: Results
  /// The text between the page's marks for the recall, which another command measures.
  let recall: String

  static let recallBegin = "<!-- recall -->"
  static let recallEnd = "<!-- /recall -->"
  static let modes = ["off", "on", "stacks=caller", "stacks=off", "on_violation=shield"]
  static let operations = [
    "set", "get", "miss", "insert", "remove", "update", "iterate", "copy", "create", "fork", "drop",
  ]

  func render() -> String {
    let parts = [
      head(), targets(), operations("release"), operations("debug"), depths(), threads(), applications(), memory(),
      processes(), recallPart(), method(),
    ]
    return parts.filter { !$0.isEmpty }.joined(separator: "\n\n") + "\n"
  }

  private func head() -> String {
    let s = results.surroundings
    return """
      # Measured results

      What the audit costs, beside a plain dictionary, ThreadSanitizer and Go, in one run on one machine.

      ## The run

      \(s.processor), \(s.cores) cores, \(rounded(s.memoryGiB)) GiB, \(s.system); \(s.swift)\(s.go.map { "; \($0)" } ?? "; no Go toolchain"); \
      commit \(s.commit); \(s.date); load averages before it \(s.loadBefore); \(rounded(s.seconds)) s. Made by \
      `bash Tests/Benchmarks/compare\(s.quick ? " --quick" : "")`.\(s.quick ? " **A short run: to see that all works, not to quote.**" : "")

      \(unrest())
      """
  }

  private func unrest() -> String {
    let percent = rounded((results.unrest - 1) * 100)
    return results.unrest > Results.mostUnrest
      ? "**The machine did other work meanwhile:** the middle round of a cell took \(percent) % longer than the fastest. "
        + "Take the ratios below for what they are."
      : "The middle round of a cell took \(percent) % longer than the fastest: the machine was quiet."
  }

  private func targets() -> String {
    let table = Self.table(
      ["goal", "wanted", "measured", "reached"],
      results.targets.map { [$0.name, $0.wanted, $0.measured, $0.isReached ? "yes" : "**no**"] })
    return """
      ## Goals

      Ratios are to plain `Dictionary` in the same run, full stacks at call depth 5, one thread. \
      What is not reached says so.

      \(table)
      """
  }

  private func operations(_ build: String) -> String {
    var columns = ["", "plain"] + Self.modes + ["ThreadSanitizer"]
    let withGo = build == "release" && results.cells.contains { $0.name.build == "go" }
    if withGo { columns += ["Go", "Go -race"] }
    var rows: [[String]] = []
    for key in ["Int", "String", "64 bytes"] {
      for operation in Self.operations {
        guard let on = results.cell(build, "on", operation, key) else { continue }
        var row = ["\(operation) \(key)", rounded(on.plainNanoseconds)]
        row += Self.modes.map { text(results.cell(build, $0, operation, key)) }
        row.append(beside(results.cell("\(build)-tsan", "off", operation, key), on.plainNanoseconds))
        if withGo {
          let plain = results.cell("go", "plain", operation, key)
          row.append(plain.map { rounded($0.plainNanoseconds) } ?? "")
          row.append(beside(results.cell("go-race", "plain", operation, key), plain?.plainNanoseconds))
        }
        rows.append(row)
      }
    }
    guard !rows.isEmpty else { return "" }
    return """
      ## Operations, \(build)

      ![Nanoseconds of an operation, \(build)](access-cost-\(build))

      Nanoseconds of one operation (for `copy`: of 1,024 elements; for `iterate`: of an element), the smallest of the \
      rounds; in brackets the ratio to plain, of the rounds' lower quartiles. `create`, `fork` and `drop`: the \
      making of a dictionary of one pair, the first write to a copy of one, the end of one.

      \(Self.table(columns, rows))
      """
  }

  private func depths() -> String {
    let rows = [5, 10, 20, 40].flatMap { depth in
      ["set", "get"].compactMap { operation -> [String]? in
        let cells = ["release", "debug"].map { results.cell($0, "on", operation, depth: depth) }
        guard cells.contains(where: { $0 != nil }) else { return nil }
        return ["\(depth)", "\(operation) Int"] + cells.map(text)
      }
    }
    guard !rows.isEmpty else { return "" }
    return """
      ## Call depth

      ![Nanoseconds that an access takes more, by call depth](access-cost-depth)

      On, full stacks; frames on the stack, the loop's own and the thread's first included.

      \(Self.table(["frames", "", "release", "debug"], rows))
      """
  }

  private func threads() -> String {
    let subjects = ["off", "on", "on_violation=shield"]
    var rows: [[String]] = []
    for operation in ["set, separate", "get, separate", "update, one behind a Mutex"] {
      for threads in [1, 2, 4, 8] {
        let cells = subjects.map { results.cell("release", $0, operation, threads: threads) }
        guard let plain = cells.compactMap({ $0?.plainNanoseconds }).min() else { continue }
        rows.append([operation, "\(threads)", rounded(plain)] + cells.map(text))
      }
    }
    guard !rows.isEmpty else { return "" }
    return """
      ## Threads, release

      ![Ratio to plain by threads](access-cost-threads)

      Nanoseconds that pass for one operation of one thread while all threads work; more threads than cores take turns. The \
      separate dictionaries were created one right after the other, so that they lie side by side in memory: a word that \
      accesses write and that two of them share a cache line of would show as a ratio that grows from one thread to two. The ratio is \
      the median over pairs of rounds.

      \(Self.table(["", "threads", "plain"] + subjects, rows))
      """
  }

  private func applications() -> String {
    let subjects = ["off", "on", "on_violation=shield"]
    var rows: [[String]] = []
    for build in ["release", "debug"] {
      for application in ["word count", "order book", "tree coder"] {
        guard let on = results.cell(build, "on", application, "String", depth: 0) else { continue }
        let plain = on.plainNanoseconds
        let cells = subjects.map { results.cell(build, $0, application, "String", depth: 0) }
        var row = [application, build, "\(two(plain / 1e6)) ms"]
        row += cells.map { cell in cell?.ratio.map { "\(two(($0 - 1) * 100)) %" } ?? "" }
        let sanitized = results.cell("\(build)-tsan", "off", application, "String", depth: 0)
        row.append(sanitized.map { "\(two(($0.plainNanoseconds / plain - 1) * 100)) %" } ?? "")
        rows.append(row)
      }
    }
    guard !rows.isEmpty else { return "" }
    return """
      ## Applications

      How much slower a whole program is. The word count reads this package's sources, makes words of them and counts them in a \
      dictionary; the order book parses text messages, matches orders and writes trades, its orders in a dictionary by their ID; the \
      tree coder makes small arrays and dictionaries for each element of many trees.

      \(Self.table(["", "build", "plain"] + subjects + ["ThreadSanitizer"], rows))
      """
  }

  private func memory() -> String {
    let names = [
      "collection, allocated beyond Dictionary", "collection, with the detector's statistics", "thread",
      "stack table, address space", "tables, address space", "tables, resident after the first access",
    ]
    let rows = names.compactMap { name in
      results.measure(name, "release").map { [name, rounded($0.median)] }
    }
    guard !rows.isEmpty else { return "" }
    return "## Memory\n\n\(Self.table(["", "bytes"], rows))"
  }

  private func processes() -> String {
    let rows = results.measures
      .filter { $0.measure.hasPrefix("start-up") || $0.measure == "violation to report" }
      .map { measure in
        [
          measure.measure, measure.build, two(measure.values.min() ?? 0), two(measure.median),
          two(measure.values.max() ?? 0), "\(measure.values.count)",
        ]
      }
    guard !rows.isEmpty else { return "" }
    return """
      ## Processes

      Start-up: milliseconds from the start of a process that makes one access to its end. Violation to report: from the access of \
      a raced word count that met another one until the report is written.

      \(Self.table(["", "build", "least, ms", "median, ms", "most, ms", "runs"], rows))
      """
  }

  private func recallPart() -> String {
    """
    ## Recall

    How often a race that is left to chance is reported; `bash Tests/Benchmarks/recall` measures it.

    \(Self.recallBegin)
    \(recall)
    \(Self.recallEnd)
    """
  }

  private func method() -> String {
    """
    ## How it is measured

    The loops are one text, compiled for each key and for the plain and the audited dictionary, without generics, the dictionary in \
    the property of a final class. A sample of the plain dictionary takes about a millisecond; the audited one is measured right \
    before or after it, in turn. Builds are run in turn, several times. ThreadSanitizer's and Go's columns are separate processes of \
    the same run, their ratios to the plain dictionary of the same language. Times are for reading; what gates is \
    `bash Tests/Benchmarks/instructions`, which counts instructions. All numbers: `access-cost.json` beside this page.
    """
  }

  private func text(_ cell: Cell?) -> String {
    guard let cell else { return "" }
    return rounded(cell.nanoseconds) + (cell.ratio.map { " (\(two($0)))" } ?? "")
  }

  private func beside(_ cell: Cell?, _ plain: Double?) -> String {
    guard let cell else { return "" }
    return rounded(cell.plainNanoseconds) + (plain.map { " (\(two(cell.plainNanoseconds / $0)))" } ?? "")
  }

  static func table(_ columns: [String], _ rows: [[String]]) -> String {
    ([columns, columns.map { _ in "---" }] + rows).map { "| " + $0.joined(separator: " | ") + " |" }
      .joined(separator: "\n")
  }
}
