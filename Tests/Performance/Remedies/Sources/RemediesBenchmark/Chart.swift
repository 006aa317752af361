// SPDX-License-Identifier: Apache-2.0
//
// Results as curves in SVG. Pure functions of a run.

/// Draws one panel for each read share: a number of the cells over the number of threads, both on
/// logarithmic scales.
///
/// A subject of this project and its counterpart in Go have the same colour; Go's line is dashed.
struct Chart {
  var title: String
  var unit: String
  var cells: [Cell]
  var number: (Cell) -> Double

  private static let colours = [
    "#111111", "#8c8c8c", "#d62728", "#1f77b4", "#2ca02c", "#9467bd", "#ff7f0e", "#c7a500", "#17becf", "#e377c2",
    "#8c564b",
  ]

  private let panelWidth = 250.0
  private let panelHeight = 230.0

  func render() -> String {
    let shares = Set(cells.map(\.circumstances.readPercent)).sorted()
    let subjects = MarkdownTable.subjectOrder(cells)
    let threads = Set(cells.map(\.circumstances.threads)).sorted()
    let numbers = cells.map(number).filter { $0 > 0 }
    guard let least = numbers.min(), let most = numbers.max(), let lastThreads = threads.last else { return "" }
    let bottom = step(least, up: false)
    // A panel has some height, even when all numbers lie within one step.
    let top = max(step(most, up: true), bottom * 2)
    let columns = min(3, shares.count)
    let rows = (shares.count + columns - 1) / columns
    let width = Double(columns) * (panelWidth + 60) + 20
    let legendTop = 40 + Double(rows) * (panelHeight + 60)
    let height = legendTop + Double((subjects.count + 2) / 3) * 20 + 20
    var svg = """
      <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 \(Int(width)) \(Int(height))" font-family="sans-serif" \
      font-size="11"><style>\(style(subjects))</style><rect width="100%" height="100%" fill="white"/>
      <text x="12" y="22" font-size="15">\(title)</text>\n
      """
    for (index, share) in shares.enumerated() {
      let x = 56 + Double(index % columns) * (panelWidth + 60)
      let y = 56 + Double(index / columns) * (panelHeight + 60)
      svg += panel(share, x, y, subjects, threads, bottom, top, lastThreads)
    }
    for (index, subject) in subjects.enumerated() {
      let (x, y) = (20 + Double(index % 3) * (width / 3), legendTop + Double(index / 3) * 20)
      svg += """
        <path class="s\(index)" d="M\(Int(x)),\(Int(y) - 4)h28"/>\
        <text x="\(Int(x) + 34)" y="\(Int(y))">\(subject)</text>\n
        """
    }
    return svg + "</svg>\n"
  }

  /// A class for each subject's lines, and one for the dots.
  private func style(_ subjects: [String]) -> String {
    let theirs = Dictionary(uniqueKeysWithValues: TargetJudge.counterparts.map { ($0.1, $0.0) })
    let ours = subjects.filter { theirs[$0] == nil }
    let rules = subjects.enumerated().map { index, subject in
      let place = ours.firstIndex(of: theirs[subject] ?? subject) ?? index
      let dashes = theirs[subject] == nil ? "" : ";stroke-dasharray:5 3"
      return ".s\(index){fill:none;stroke-width:1.8;stroke:\(Self.colours[place % Self.colours.count])\(dashes)}"
    }
    return rules.joined() + ".d{stroke-width:4.6;stroke-linecap:round;stroke-dasharray:none}"
  }

  /// 1, 2, 5, 10, 20 and so on.
  private static let steps = (0...11).flatMap { decade in [1, 2, 5].map { $0 * power(10, Double(decade)) } }

  /// The nearest step that is not above, or not below, a number.
  private func step(_ number: Double, up: Bool) -> Double {
    (up ? Self.steps.first { $0 >= number } : Self.steps.last { $0 <= number }) ?? number
  }

  private func panel(
    _ share: Int, _ x: Double, _ y: Double, _ subjects: [String], _ threads: [Int], _ bottom: Double, _ top: Double,
    _ lastThreads: Int
  ) -> String {
    func across(_ threads: Int) -> Double {
      x + (lastThreads > 1 ? logarithm(Double(threads)) / logarithm(Double(lastThreads)) * panelWidth : 0)
    }
    func up(_ number: Double) -> Double {
      y + panelHeight - logarithm(number / bottom) / logarithm(top / bottom) * panelHeight
    }
    var svg = """
      <text x="\(x)" y="\(y - 8)" font-weight="bold">\(share) % reads</text>
      <rect x="\(x)" y="\(y)" width="\(panelWidth)" height="\(panelHeight)" fill="none" stroke="#999"/>\n
      """
    for threads in threads {
      svg += """
        <text x="\(rounded(across(threads)))" y="\(y + panelHeight + 14)" text-anchor="middle">\(threads)</text>\n
        """
    }
    svg += """
      <text x="\(x + panelWidth / 2)" y="\(y + panelHeight + 28)" text-anchor="middle">threads or tasks</text>\n
      """
    for line in lines(bottom, top) {
      svg += """
        <path stroke="#ddd" d="M\(rounded(x)),\(rounded(up(line)))h\(Int(panelWidth))"/>\
        <text x="\(rounded(x - 4))" y="\(rounded(up(line) + 4))" text-anchor="end">\(label(line))</text>\n
        """
    }
    svg += "<text x=\"\(x - 4)\" y=\"\(y - 8)\" text-anchor=\"end\" fill=\"#555\">\(unit)</text>\n"
    for (index, subject) in subjects.enumerated() {
      let points =
        cells
        .filter { $0.subject == subject && $0.circumstances.readPercent == share && number($0) > 0 }
        .sorted { $0.circumstances.threads < $1.circumstances.threads }
        .map { (across($0.circumstances.threads), up(number($0))) }
      guard !points.isEmpty else { continue }
      let line = points.map { "\(rounded($0.0)),\(rounded($0.1))" }
      svg += "<path class=\"s\(index)\" d=\"M\(line.joined(separator: "L"))\"/>"
      svg += "<path class=\"s\(index) d\" d=\"\(line.map { "M\($0)h0" }.joined())\"/>\n"
    }
    return svg
  }

  /// The values of the lines across the panel: each step, or each decade when there are many.
  private func lines(_ bottom: Double, _ top: Double) -> [Double] {
    let lines = Self.steps.filter { (bottom...top).contains($0) }
    return lines.count <= 10 ? lines : lines.filter { logarithm($0).rounded() == logarithm($0) }
  }

  private func label(_ number: Double) -> String {
    switch number {
    case 1e9...: "\(Int(number / 1e9)) G"
    case 1e6...: "\(Int(number / 1e6)) M"
    case 1e3...: "\(Int(number / 1e3)) k"
    case 1...: "\(Int(number))"
    default: "\(number)"
    }
  }
}
