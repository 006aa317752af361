// SPDX-License-Identifier: Apache-2.0
//
// Latencies before and after, over time, in one SVG file. The scale of the latency is logarithmic.

import Foundation

struct Chart {
  let results: [LoadResult]

  private static let width = 800.0
  private static let height = 440.0
  private static let left = 80.0
  private static let right = 24.0
  private static let top = 72.0
  private static let bottom = 56.0
  private static let colors = ["#c0392b", "#1f6fb2"]
  private static let marks = [10.0, 100, 1_000, 10_000]

  var svg: String {
    let body = axes + results.enumerated().map { curves(of: $1, number: $0) }.joined()
    return """
      <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 \(Int(Self.width)) \(Int(Self.height))" \
      font-family="sans-serif" font-size="13">
      <title>Latency of payments, before and after</title>
      <rect width="100%" height="100%" fill="white"/>
      <text x="\(Self.left)" y="24" font-size="16">Latency of payments, by the second they were to begin</text>
      \(body)</svg>

      """
  }

  private var lastSecond: Double { Double(max(results.map(\.seconds.count).max() ?? 1, 2) - 1) }

  private func x(_ second: Double) -> Double {
    Self.left + second / lastSecond * (Self.width - Self.left - Self.right)
  }

  private func y(_ milliseconds: Double) -> Double {
    let (low, high) = (log10(Self.marks[0]), log10(Self.marks[3]))
    let share = (log10(min(max(milliseconds, Self.marks[0]), Self.marks[3])) - low) / (high - low)
    return Self.height - Self.bottom - share * (Self.height - Self.top - Self.bottom)
  }

  private var axes: String {
    var text = ""
    for (mark, name) in zip(Self.marks, ["10 ms", "100 ms", "1 s", "10 s"]) {
      text += """
        <line x1="\(Self.left)" x2="\(Self.width - Self.right)" y1="\(y(mark))" y2="\(y(mark))" stroke="#ddd"/>
        <text x="\(Self.left - 8)" y="\(y(mark) + 4)" text-anchor="end">\(name)</text>

        """
    }
    for second in stride(from: 0.0, through: lastSecond, by: 5) {
      text += """
        <text x="\(x(second))" y="\(Self.height - Self.bottom + 20)" text-anchor="middle">\(Int(second))</text>

        """
    }
    return text + """
      <text x="\((Self.width + Self.left) / 2)" y="\(Self.height - 12)" text-anchor="middle">second</text>

      """
  }

  private func curves(of result: LoadResult, number: Int) -> String {
    let color = Self.colors[number % Self.colors.count]
    var text = curve(result.seconds.map { ($0.second, $0.p99) }, color, "stroke-width=\"2\"")
    text += curve(result.seconds.map { ($0.second, $0.p50) }, color, "stroke-width=\"1.5\" stroke-dasharray=\"5 4\"")
    for crash in result.crashes {
      text += """
        <line x1="\(x(Double(crash)))" x2="\(x(Double(crash)))" y1="\(Self.top)" y2="\(Self.height - Self.bottom)" \
        stroke="\(color)" stroke-dasharray="2 3"/>
        <text x="\(x(Double(crash)) + 6)" y="\(Self.top + 12)" fill="\(color)">gone</text>

        """
    }
    let place = Self.left + Double(number) * 340
    return text + """
      <line x1="\(place)" x2="\(place + 28)" y1="46" y2="46" stroke="\(color)" stroke-width="2"/>
      <text x="\(place + 36)" y="50">\(Self.escaped(result.name)): 99 % (line), median (dashes)</text>

      """
  }

  private func curve(_ values: [(second: Int, value: Double?)], _ color: String, _ style: String) -> String {
    let points = values.compactMap { second, value in
      value.map { "\(rounded(x(Double(second)))),\(rounded(y($0)))" }
    }
    return "<polyline points=\"\(points.joined(separator: " "))\" fill=\"none\" stroke=\"\(color)\" \(style)/>\n"
  }

  private func rounded(_ value: Double) -> Double { (value * 10).rounded() / 10 }

  private static func escaped(_ text: String) -> String {
    text.replacing("&", with: "&amp;").replacing("<", with: "&lt;")
  }
}
