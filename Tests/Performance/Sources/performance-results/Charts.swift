// SPDX-License-Identifier: Apache-2.0
//
// The charts of a run.

/// The charts of a run, by the name of their file.
struct Charts {
  let results: Results

  func render() -> [(name: String, svg: String)] {
    [
      ("access-cost-release", operations("release")), ("access-cost-debug", operations("debug")),
      ("access-cost-depth", depth()), ("access-cost-threads", threads()),
    ]
  }

  private func operations(_ build: String) -> String {
    let cells = TargetJudge.operations
    func values(_ body: (String, String) -> Double?) -> [Double?] { cells.map { body($0.0, $0.1) } }
    var series: [(String, [Double?])] = [
      ("plain", values { results.cell(build, "on", $0, $1)?.plainNanoseconds })
    ]
    for mode in ["off", "on", "stacks=off", "on_violation=shield"] {
      series.append((mode, values { results.cell(build, mode, $0, $1)?.nanoseconds }))
    }
    series.append(("ThreadSanitizer", values { results.cell("\(build)-tsan", "off", $0, $1)?.plainNanoseconds }))
    if build == "release", results.cells.contains(where: { $0.name.build == "go" }) {
      series.append(("Go", values { results.cell("go", "plain", $0, $1)?.plainNanoseconds }))
      series.append(("Go -race", values { results.cell("go-race", "plain", $0, $1)?.plainNanoseconds }))
    }
    let most = series.prefix(4).flatMap { $0.1.compactMap(\.self) }.max() ?? 1
    return BarChart(
      title: "Time of an operation, \(build)", unit: "ns", groups: cells.map { "\($0.0) \($0.1)" }, series: series,
      most: (most * 1.6 / 10).rounded(.up) * 10
    ).render()
  }

  private func depth() -> String {
    let depths = [5, 10, 20, 40]
    let series = ["set", "get"].flatMap { operation in
      ["release", "debug"].map { build in
        (
          "\(operation) Int, \(build)",
          depths.map { depth -> Double? in
            results.cell(build, "on", operation, depth: depth).map { $0.nanoseconds - $0.plainNanoseconds }
          }
        )
      }
    }
    return LineChart(
      title: "Time an access takes more, by call depth", unit: "ns", axis: "frames on the stack",
      places: depths.map(Double.init), series: series
    ).render()
  }

  private func threads() -> String {
    let threads = [1, 2, 4, 8]
    let series = ["set, separate", "get, separate"].flatMap { operation in
      ["off", "on"].map { subject in
        (
          "\(operation), \(subject)",
          threads.map { results.cell("release", subject, operation, threads: $0)?.ratio }
        )
      }
    }
    return LineChart(
      title: "Ratio to plain, each thread on its own dictionary", unit: "ratio", axis: "threads",
      places: threads.map(Double.init), isEven: true, series: series
    ).render()
  }
}
