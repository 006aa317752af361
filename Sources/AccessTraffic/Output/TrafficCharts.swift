// SPDX-License-Identifier: Apache-2.0
//
// The charts of the page, as SVG: bars on an axis that says how much the highest one is. Pure.

#if REPORTS && canImport(Glibc)

enum TrafficCharts {
  private static let (width, height, left, bottom, top) = (480, 170, 8, 22, 16)

  /// Reads and writes over time, one on the other.
  static func timeLine(_ line: TrafficReport.TimeLine) -> Markup {
    let bars = zip(line.reads, line.writes).map { (Double($0), Double($1)) }
    let greatest = bars.map { $0.0 + $0.1 }.max() ?? 0
    let rate = line.secondsPerPiece > 0 ? greatest / line.secondsPerPiece : 0
    return figure(
      "<b class=\"key read\">Reads</b> and <b class=\"key write\">writes</b> over time",
      description: "reads and writes over time, \(Numbers.rate(rate)) at the busiest", bars: bars,
      mark: Numbers.rate(rate), from: "0 s", to: Numbers.duration(nanoseconds: span(line)))
  }

  static func sizes(_ line: TrafficReport.TimeLine) -> Markup {
    let greatest = line.sizes.max() ?? 0
    if greatest == 0 { return "" }
    return figure(
      "Elements over time", description: "elements over time, \(greatest) at most",
      bars: line.sizes.map { (Double($0), 0) }, mark: Numbers.grouped(greatest), from: "0 s",
      to: Numbers.duration(nanoseconds: span(line)))
  }

  private static func span(_ line: TrafficReport.TimeLine) -> Double {
    Double(line.reads.count) * line.secondsPerPiece * 1e9
  }

  static func durations(_ reads: Spread, _ writes: Spread) -> Markup {
    histogram(
      "Duration of <b class=\"key read\">reads</b> and <b class=\"key write\">writes</b>, logarithmic", "durations",
      reads,
      writes)
  }

  static func lifetimes(_ spread: Spread) -> Markup {
    spread.count == 0
      ? "" : histogram("From a key's insertion to its removal, logarithmic", "lifetimes", spread, Spread())
  }

  private static func histogram(_ title: Markup, _ name: String, _ one: Spread, _ other: Spread) -> Markup {
    let count = max(one.classes.count, other.classes.count)
    func number(_ spread: Spread, _ index: Int) -> Double {
      index < spread.classes.count ? Double(spread.classes[index]) : 0
    }
    let all = (0..<count).map { (number(one, $0), number(other, $0)) }
    guard let first = all.firstIndex(where: { $0.0 + $0.1 > 0 }) else { return "" }
    let greatest = all.map { $0.0 + $0.1 }.max() ?? 0
    return figure(
      title, description: "\(name), \(Numbers.grouped(Int(greatest))) in the largest class", bars: Array(all[first...]),
      mark: Numbers.grouped(Int(greatest)), from: Numbers.duration(nanoseconds: Double(Spread.lowerBound(first))),
      to: Numbers.duration(nanoseconds: Double(Spread.lowerBound(count))))
  }

  private static func figure(
    _ title: Markup, description: String, bars: [(Double, Double)], mark: String, from: String, to: String
  ) -> Markup {
    let greatest = bars.map { $0.0 + $0.1 }.max() ?? 0
    let room = Double(height - bottom - top)
    let step = Double(width - 2 * left) / Double(max(bars.count, 1))
    let base = height - bottom
    func bar(_ kind: String, _ index: Int, _ value: Double, above: Double) -> Markup {
      if value <= 0 || greatest <= 0 { return "" }
      let tall = max(value / greatest * room, 0.5)
      let y = Double(base) - above / greatest * room - tall
      return """
        <rect class="\(kind)" x="\(Numbers.fixed(Double(left) + Double(index) * step))" y="\(Numbers.fixed(y))" \
        width="\(Numbers.fixed(max(step * 0.9, 0.8)))" height="\(Numbers.fixed(tall))"/>
        """
    }
    let shapes = bars.enumerated().flatMap { index, pair in
      [bar("read", index, pair.0, above: 0), bar("write", index, pair.1, above: pair.0)]
    }
    return """
      <figure><figcaption>\(title)</figcaption>
      <svg viewBox="0 0 \(width) \(height)" role="img" aria-label="\(description)">
      <text x="\(left)" y="11">\(mark)</text>
      \(shapes)
      <line class="axis" x1="\(left)" y1="\(base)" x2="\(width - left)" y2="\(base)"/>
      <text x="\(left)" y="\(height - 6)">\(from)</text>
      <text x="\(width - left)" y="\(height - 6)" text-anchor="end">\(to)</text>
      </svg></figure>
      """
  }
}

#endif
