// SPDX-License-Identifier: Apache-2.0
//
// Curves over a few places, in SVG, on a linear scale that begins at zero. A pure function of its
// values.

/// Curves, one for each series.
struct LineChart {
  var title: String
  var unit: String
  var axis: String
  /// The places, from left to right, spaced by their numbers or evenly.
  var places: [Double]
  var isEven = false
  var series: [(name: String, values: [Double?])]

  private let left = 60.0
  private let top = 50.0
  private let width = 380.0
  private let height = 220.0

  func render() -> String {
    let bottom = top + height
    let most = ceiling(series.flatMap { $0.values.compactMap(\.self) }.max() ?? 1)
    var svg = Drawing.begin(title, width: left + width + 40, height: bottom + 64 + Double((series.count + 2) / 3) * 18)
    for line in 0...5 {
      let y = bottom - height * Double(line) / 5
      svg += Drawing.line(left, y, left + width, y, colour: "#ddd")
      svg += Drawing.text(rounded(most * Double(line) / 5), left - 6, y + 4, anchor: "end")
    }
    svg += Drawing.text(unit, left - 6, top - 12, anchor: "end", colour: "#555")
    for (index, place) in places.enumerated() {
      svg += Drawing.text("\(Int(place))", across(index), bottom + 16, anchor: "middle")
    }
    svg += Drawing.text(axis, left + width / 2, bottom + 32, anchor: "middle", colour: "#555")
    for (number, row) in series.enumerated() {
      let points = row.values.enumerated().compactMap { index, value in
        value.map { (across(index), bottom - height * $0 / most) }
      }
      for (from, to) in zip(points, points.dropFirst()) {
        svg += Drawing.line(from.0, from.1, to.0, to.1, colour: Drawing.colour(number), width: 2)
      }
      for point in points { svg += Drawing.bar(point.0 - 3, point.1 - 3, 6, 6, Drawing.colour(number)) }
    }
    return svg + Drawing.legend(series.map(\.name), x: left, y: bottom + 54) + "</svg>\n"
  }

  private func across(_ index: Int) -> Double {
    guard let first = places.first, let last = places.last, last > first else { return left }
    let share = isEven ? Double(index) / Double(places.count - 1) : (places[index] - first) / (last - first)
    return left + 10 + share * (width - 20)
  }

  /// The next of 1, 2, 5, 10, 20, 50 ….
  private func ceiling(_ value: Double) -> Double {
    var decade = 1.0
    while decade * 10 < value { decade *= 10 }
    return [1, 2, 5, 10].map { $0 * decade }.first { $0 >= value } ?? value
  }
}
