// SPDX-License-Identifier: Apache-2.0
//
// The goals set for the audit's cost, judged by the cells of the same run.

import Foundation

/// Judges a run.
struct TargetJudge {
  let results: Results

  static let operations = [("set", "Int"), ("get", "Int"), ("set", "String"), ("get", "String")]
  /// The wanted ratios, in the order of `operations`.
  static let ratios: [(build: String, subject: String, wanted: [Double])] = [
    ("release", "on", [1.6, 1.2, 1.15, 1.15]), ("release", "off", [1.05, 1.02, 1.02, 1.02]),
    ("debug", "on", [1.35, 1.4, 1.3, 1.3]), ("debug", "off", [1.08, 1.10, 1.05, 1.05]),
  ]
  /// The factor above which a ratio counts as grown.
  static let growth = 1.1

  func targets() -> [Target] {
    var targets: [Target] = []
    for row in Self.ratios {
      for (operation, wanted) in zip(Self.operations, row.wanted) {
        guard let cell = results.cell(row.build, row.subject, operation.0, operation.1), let ratio = cell.ratio else {
          continue
        }
        targets.append(
          Target(
            name: "\(row.build), \(row.subject): \(operation.0) \(operation.1)", wanted: "\(two(wanted))",
            measured: "\(two(ratio)) (\(rounded(cell.nanoseconds)) and \(rounded(cell.plainNanoseconds)) ns)",
            isReached: (ratio * 100).rounded() / 100 <= wanted))
      }
    }
    return targets + withoutTrait() + frames() + threads() + applications() + sanitizer() + memory() + processes()
  }

  private func withoutTrait() -> [Target] {
    guard let measure = results.measure("same type", "release-plain") else { return [] }
    return [
      Target(
        name: "release without the trait", wanted: "the same type",
        measured: measure.median == 1 ? "the same type" : "another type", isReached: measure.median == 1)
    ]
  }

  private func frames() -> [Target] {
    ["set", "get"].compactMap { operation in
      guard let few = results.cell("release", "on", operation, depth: 10),
        let many = results.cell("release", "on", operation, depth: 40)
      else { return nil }
      let each = (many.nanoseconds - few.nanoseconds) / 3
      return Target(
        name: "release, on: \(operation) Int, each further 10 frames", wanted: "at most 5 ns",
        measured: "\(rounded(each)) ns", isReached: each <= 5)
    }
  }

  private func threads() -> [Target] {
    ["set", "get"].flatMap { operation in
      ["on", "on_violation=shield"].compactMap { subject -> Target? in
        let ratios = [1, 2, 4, 8].compactMap { threads in
          results.cell("release", subject, "\(operation), separate", threads: threads)?.ratio
        }
        guard ratios.count == 4, let most = ratios.dropFirst().max() else { return nil }
        return Target(
          name: "release, \(subject): \(operation) Int, neighbouring dictionaries of 1, 2, 4, 8 threads",
          wanted: "the ratio does not grow (by more than 10 %)", measured: ratios.map(two).joined(separator: ", "),
          isReached: most <= ratios[0] * Self.growth)
      }
    }
  }

  private func applications() -> [Target] {
    ["release", "debug"].flatMap { build in
      [("word count", 5), ("order book", 5), ("tree coder", 20)].compactMap { application, percent -> Target? in
        guard let cell = results.cell(build, "on", application, "String", depth: 0), let ratio = cell.ratio else {
          return nil
        }
        return Target(
          name: "\(build), on: \(application)", wanted: "at most \(percent) % slower",
          measured: "\(two((ratio - 1) * 100)) %", isReached: ratio <= 1 + Double(percent) / 100)
      }
    }
  }

  /// Every operation on one thread for which the sanitizer was measured too.
  private func sanitizer() -> [Target] {
    ["release", "debug"].compactMap { build in
      var (count, beyond): (Int, [String]) = (0, [])
      for cell in results.cells where cell.name.build == build && cell.name.subject == "on" && cell.name.threads == 1 {
        guard cell.name.operation != "empty",
          let sanitized = results.cell(
            "\(build)-tsan", "off", cell.name.operation, cell.name.key, depth: cell.name.depth)
        else { continue }
        count += 1
        let ours = cell.nanoseconds - cell.plainNanoseconds
        let theirs = sanitized.plainNanoseconds - cell.plainNanoseconds
        if ours > max(theirs, 0) / 3, ours > 0 {
          beyond.append("\(cell.name.title): \(rounded(ours)) of \(rounded(theirs)) ns")
        }
      }
      guard count > 0 else { return nil }
      return Target(
        name: "\(build), on: added time, beside ThreadSanitizer's", wanted: "at most a third in every cell",
        measured: "in \(count - beyond.count) of \(count) cells"
          + (beyond.isEmpty ? "" : "; not in " + beyond.joined(separator: ", ")), isReached: beyond.isEmpty)
    }
  }

  private func memory() -> [Target] {
    let wanted: [(name: String, measure: String, most: Double, unit: Double, text: String)] = [
      ("memory: a collection, beyond Dictionary", "collection, allocated beyond Dictionary", 96, 1, "bytes"),
      ("memory: a thread", "thread", 40, 1024, "KiB"),
      ("memory: the stack table", "stack table, address space", 16, 1_048_576, "MiB"),
    ]
    return wanted.compactMap { row in
      guard let value = results.measure(row.measure, "release")?.median else { return nil }
      return Target(
        name: row.name, wanted: "at most \(Int(row.most)) \(row.text)",
        measured: "\(rounded(value / row.unit)) \(row.text)", isReached: (value / row.unit).rounded() <= row.most)
    }
  }

  private func processes() -> [Target] {
    var targets: [Target] = []
    for (variant, wanted) in [("on", "at most 3 ms"), ("off", "not measurably")] {
      guard let plain = results.measure("start-up plain", "release"),
        let audited = results.measure("start-up \(variant)", "release")
      else { continue }
      let differences = zip(audited.values, plain.values).map { $0 - $1 }.sorted()
      // A difference counts as measurable when its lower quartile is above zero.
      let low = differences[differences.count / 4]
      let median = differences.median
      targets.append(
        Target(
          name: "start-up, \(variant): later than a program without the audit", wanted: wanted,
          measured: "\(two(median)) ms (quartiles \(two(low)) to \(two(differences[differences.count * 3 / 4])))",
          isReached: variant == "on" ? median <= 3 : low <= 0))
    }
    for build in ["release", "debug"] {
      guard let measure = results.measure("violation to report", build) else { continue }
      targets.append(
        Target(
          name: "\(build): from violation to complete report", wanted: "at most 100 ms",
          measured: "\(rounded(measure.median)) ms, the median of \(measure.values.count); "
            + "\(rounded(measure.values.max() ?? 0)) at most", isReached: measure.median <= 100))
    }
    return targets
  }
}

extension CellName {
  /// A short title for a list.
  var title: String { depth > 5 ? "\(operation) \(key) at depth \(depth)" : "\(operation) \(key)" }
}

/// Two digits after the decimal point.
func two(_ number: Double) -> String { String(format: "%.2f", number) }

/// Three significant digits.
func rounded(_ number: Double) -> String {
  switch abs(number) {
  case ..<10: String(format: "%.1f", number)
  case ..<10_000: String(format: "%.0f", number)
  default: String(format: "%.0f", (number / 100).rounded() * 100)
  }
}
