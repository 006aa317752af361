// SPDX-License-Identifier: Apache-2.0
//
// Bars in groups, in SVG, on a linear scale. A pure function of its values.

/// Groups of bars, with one bar per series in each group.
struct BarChart {
  var title: String
  var unit: String
  var groups: [String]
  var series: [(name: String, values: [Double?])]
  /// Longer bars are cut there and labelled with their length.
  var most: Double

  private let left = 60.0
  private let top = 50.0
  private let height = 220.0
  private let barWidth = 15.0

  func render() -> String {
    let groupWidth = Double(series.count) * barWidth + 24
    let width = left + Double(groups.count) * groupWidth + 20
    let bottom = top + height
    var svg = Drawing.begin(title, width: max(width, 460), height: bottom + 50 + Double((series.count + 2) / 3) * 18)
    for line in 0...5 {
      let value = most * Double(line) / 5
      let y = bottom - height * Double(line) / 5
      svg += Drawing.line(left, y, width - 10, y, colour: "#ddd")
      svg += Drawing.text(rounded(value), left - 6, y + 4, anchor: "end")
    }
    svg += Drawing.text(unit, left - 6, top - 12, anchor: "end", colour: "#555")
    for (group, name) in groups.enumerated() {
      let x = left + 12 + Double(group) * groupWidth
      svg += Drawing.text(name, x + Double(series.count) * barWidth / 2, bottom + 16, anchor: "middle")
      for (index, row) in series.enumerated() {
        guard let value = row.values[group] else { continue }
        let shown = height * min(value, most) / most
        let barX = x + Double(index) * barWidth
        svg += Drawing.bar(barX, bottom - shown, barWidth - 2, shown, Drawing.colour(index))
        svg += Drawing.text(
          rounded(value), barX + barWidth / 2 - 1, bottom - shown - 4, anchor: "middle", size: 8,
          colour: value > most ? "#d62728" : "#333")
      }
    }
    return svg + Drawing.legend(series.map(\.name), x: left, y: bottom + 42) + "</svg>\n"
  }
}

/// The drawing helpers of the charts.
enum Drawing {
  private static let colours = ["#555555", "#8cc3e8", "#1f77b4", "#9467bd", "#2ca02c", "#d62728", "#ff9d3c", "#c7a500"]

  static func colour(_ index: Int) -> String { colours[index % colours.count] }

  static func begin(_ title: String, width: Double, height: Double) -> String {
    """
    <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 \(Int(width)) \(Int(height))" font-family="sans-serif" \
    font-size="11"><rect width="100%" height="100%" fill="white"/>
    <text x="12" y="22" font-size="15">\(escaped(title))</text>\n
    """
  }

  static func text(
    _ text: String, _ x: Double, _ y: Double, anchor: String = "start", size: Int = 11, colour: String = "#111"
  ) -> String {
    """
    <text x="\(two(x))" y="\(two(y))" text-anchor="\(anchor)" font-size="\(size)" fill="\(colour)">\(escaped(text))</text>\n
    """
  }

  static func line(_ x1: Double, _ y1: Double, _ x2: Double, _ y2: Double, colour: String, width: Double = 1) -> String
  {
    """
    <line x1="\(two(x1))" y1="\(two(y1))" x2="\(two(x2))" y2="\(two(y2))" stroke="\(colour)" stroke-width="\(width)"/>\n
    """
  }

  static func bar(_ x: Double, _ y: Double, _ width: Double, _ height: Double, _ colour: String) -> String {
    """
    <rect x="\(two(x))" y="\(two(y))" width="\(two(width))" height="\(two(height))" fill="\(colour)"/>\n
    """
  }

  /// Three names per row.
  static func legend(_ names: [String], x: Double, y: Double) -> String {
    names.enumerated().map { index, name in
      let (left, top) = (x + Double(index % 3) * 130, y + Double(index / 3) * 18)
      return bar(left, top - 9, 12, 10, colour(index)) + text(name, left + 18, top)
    }.joined()
  }

  private static func escaped(_ text: String) -> String {
    var result = ""
    for character in text {
      switch character {
      case "<": result += "&lt;"
      case "&": result += "&amp;"
      default: result.append(character)
      }
    }
    return result
  }
}
