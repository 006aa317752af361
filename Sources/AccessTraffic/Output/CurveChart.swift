// SPDX-License-Identifier: Apache-2.0
//
// Curves on a logarithmic axis, as SVG: lines, points, bands, and what is extrapolated in dashes.
// Pure.

#if REPORTS && canImport(Glibc)

/// A figure with curves. Colours are by the place in the list: the style sheet has ten.
struct CurveChart {
  struct Place {
    var x: Double
    var y: Double
    var low: Double?
    var high: Double?
    init(_ x: Double, _ y: Double, low: Double? = nil, high: Double? = nil) {
      (self.x, self.y, self.low, self.high) = (x, y, low, high)
    }
  }

  struct Curve {
    var name: String
    var color: Int
    var places: [Place]
    var hasPoints = true
    var hasLine = true
    /// From this place on in dashes.
    var dashedFrom: Double?
  }

  private static let (width, height, left, right, top, bottom) = (480.0, 250.0, 10.0, 12.0, 18.0, 36.0)

  var title: String
  var horizontal: String
  var curves: [Curve]
  /// The greatest number of the vertical axis; otherwise that of the curves.
  var greatest: Double?
  var number: (Double) -> String

  var markup: Markup {
    let places = curves.flatMap(\.places).filter { $0.x >= 1 && $0.y.isFinite }
    guard let least = places.map(\.x).min(), let most = places.map(\.x).max() else { return "" }
    let top = greatest ?? (places.map { max($0.y, $0.high ?? 0) }.max() ?? 0)
    if top <= 0 { return "" }
    let scale = Scale(least: least, most: most, top: top)
    let ticks = Set(curves.flatMap { $0.places.map(\.x) }).sorted().filter { tick in
      // Not more than fit beside each other.
      let step = Set(places.map(\.x)).count > 9 ? 2.0 : 1
      return step == 1 || tick == least || tick == most || Int(naturalLogarithm(tick) / 0.69 + 0.5) % 2 == 0
    }
    let marks = ticks.map { tick -> Markup in
      """
      <text x="\(Numbers.fixed(scale.x(tick)))" y="\(Int(Self.height - 20))" text-anchor="middle">\
      \(tick >= 1e4 ? Numbers.compact(tick) : Numbers.grouped(Int(tick)))</text>
      """
    }
    let names = curves.filter { !$0.name.isEmpty }.map { curve -> Markup in
      "<span class=\"name c\(curve.color % 10)\">\(curve.name)</span> "
    }
    return """
      <figure class="curves"><figcaption>\(title)</figcaption>
      <svg viewBox="0 0 \(Int(Self.width)) \(Int(Self.height))" role="img" aria-label="\(title), \(number(top)) at the top">
      <text x="\(Int(Self.left))" y="11">\(number(top))</text>
      <line class="axis" x1="\(Int(Self.left))" y1="\(Int(Self.top))" x2="\(Int(Self.width - Self.right))" \
      y2="\(Int(Self.top))" stroke-dasharray="1 4"/>
      \(curves.map { shape($0, scale) })
      <line class="axis" x1="\(Int(Self.left))" y1="\(Int(Self.height - Self.bottom))" \
      x2="\(Int(Self.width - Self.right))" y2="\(Int(Self.height - Self.bottom))"/>
      \(marks)
      <text x="\(Int(Self.width / 2))" y="\(Int(Self.height - 5))" text-anchor="middle">\(horizontal)</text>
      </svg><p class="names">\(names)</p></figure>
      """
  }

  private struct Scale {
    var least: Double
    var most: Double
    var top: Double

    func x(_ place: Double) -> Double {
      let span = naturalLogarithm(most / least)
      let share = span > 0 ? naturalLogarithm(max(place / least, 1)) / span : 0.5
      return CurveChart.left + 14 + share * (CurveChart.width - CurveChart.left - CurveChart.right - 40)
    }
    func y(_ value: Double) -> Double {
      let room = CurveChart.height - CurveChart.bottom - CurveChart.top
      return CurveChart.height - CurveChart.bottom - min(max(value / top, 0), 1) * room
    }
  }

  private func shape(_ curve: Curve, _ scale: Scale) -> Markup {
    let places = curve.places.filter { $0.y.isFinite }
    func path(_ places: [Place], _ value: (Place) -> Double) -> String {
      places.map { "\(Numbers.fixed(scale.x($0.x))),\(Numbers.fixed(scale.y(value($0))))" }.joined(separator: " ")
    }
    let banded = places.filter { $0.low != nil && $0.high != nil }
    let band: Markup =
      banded.count > 1 && curve.hasLine
      ? """
      <polygon class="band c\(curve.color % 10)" points="\(path(banded) { $0.high ?? 0 }) \
      \(path(banded.reversed()) { $0.low ?? 0 })"/>
      """ : ""
    var lines: [Markup] = []
    if curve.hasLine {
      let edge = curve.dashedFrom ?? .infinity
      let solid = places.filter { $0.x <= edge }
      let dashed = places.filter { $0.x >= edge }
      if solid.count > 1 {
        lines.append("<polyline class=\"c\(curve.color % 10)\" points=\"\(path(solid) { $0.y })\"/>")
      }
      if dashed.count > 1 {
        lines.append(
          "<polyline class=\"c\(curve.color % 10)\" stroke-dasharray=\"5 4\" points=\"\(path(dashed) { $0.y })\"/>")
      }
    }
    let points =
      curve.hasPoints
      ? places.map { place -> Markup in
        """
        <circle class="c\(curve.color % 10)" cx="\(Numbers.fixed(scale.x(place.x)))" \
        cy="\(Numbers.fixed(scale.y(place.y)))" r="3"/>
        """
      } : []
    return "\(band)\(lines)\(points)"
  }
}

extension Numbers {
  /// `10 k`, `2.5 M`: for axes.
  static func compact(_ number: Double) -> String {
    func short(_ number: Double, _ unit: String) -> String {
      fixed(number, number == number.rounded() || number >= 100 ? 0 : 1) + unit
    }
    return number >= 1e9
      ? short(number / 1e9, " G")
      : number >= 1e6 ? short(number / 1e6, " M") : number >= 1e3 ? short(number / 1e3, " k") : short(number, "")
  }
}

#endif
