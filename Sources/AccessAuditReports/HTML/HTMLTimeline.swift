// SPDX-License-Identifier: Apache-2.0
//
// The time line of a violation: a lane for each thread, a bar for each access, the overlap marked.
// Plain elements with positions in per cent, so that it fits any width. Formats; looks nothing up.

#if REPORTS && canImport(Glibc)

internal import AccessReports
internal import AccessTerms

struct HTMLTimeline {
  let violation: Violation
  private let timeline: AccessTimeline

  init(violation: Violation) {
    self.violation = violation
    timeline = AccessTimeline(violation)
  }

  var figure: HTML {
    let lanes = timeline.threads.map { thread -> HTML in
      let bars = timeline.bars.filter { $0.thread?.id == thread?.id }.map(bar)
      return """
        <div class="lane" data-thread="\(thread?.id ?? 0)"><span class="name">\(HTMLViolation.name(thread))</span>\
        <div class="track">\(overlap)\(bars)</div></div>
        """
    }
    return """
      <figure class="timeline" aria-label="Time line">
      <div class="scroll"><div class="chart" style="--columns:\(timeline.columns)">\(lanes)
      \(axis)</div></div>
      <figcaption>Accesses in the order they were recorded, oldest left, not to scale. \
      <span class="key read">read</span> <span class="key write">write</span> \
      <span class="key overlapping">both in progress</span></figcaption>
      </figure>
      """
  }

  private var overlap: HTML {
    "<div class=\"overlap\" style=\"\(position(timeline.overlap.lowerBound, timeline.overlap.upperBound))\"></div>"
  }

  private func bar(_ bar: AccessTimeline.Bar) -> HTML {
    let place = bar.frame.flatMap(\.symbol).map { ", \($0)" } ?? ""
    let age = bar.ageMilliseconds.map { ", \(Sentences.age($0)) ago" } ?? ""
    let title = "\(bar.writing ? "write" : "read") \(bar.operation?.rawValue ?? "unknown")\(place)\(age)"
    let text = bar.role == nil ? "" : "\(bar.writing ? "write" : "read")"
    return """
      <div class="bar \(bar.writing ? "write" : "read")" data-role="\(bar.role?.rawValue ?? "")" \
      style="\(position(bar.start, bar.end))" title="\(title)" role="img" aria-label="\(title)">\(text)</div>
      """
  }

  /// The ages, where they change, up to the access that saw the other one: the ages are counted
  /// from it.
  private var axis: HTML {
    var marks: [(column: Int, text: String)] = []
    var last: Int?
    for bar in timeline.bars {
      if bar.role == .detected {
        marks.append((bar.start, "now"))
        break
      }
      guard let age = bar.ageMilliseconds, age != last else { continue }
      last = age
      marks.append((bar.start, age > 0 ? "−\(age) ms" : "<10 ms"))
    }
    // Of marks that would lie on one another the later one stays.
    var shown: [(column: Int, text: String)] = []
    for mark in marks.reversed() {
      if let next = shown.last, (next.column - mark.column) * 100 < timeline.columns * 15 { continue }
      shown.append(mark)
    }
    let spans = shown.reversed().map { "<span style=\"left:\(percent($0.column))%\">\($0.text)</span>" as HTML }
    return "<div class=\"axis\" aria-hidden=\"true\">\(spans)</div>"
  }

  private func position(_ start: Int, _ end: Int) -> String {
    "left:\(percent(start))%;width:\(percent(max(end - start, 0)))%"
  }

  /// Hundredths of a per cent are enough for any screen.
  private func percent(_ column: Int) -> String {
    let hundredths = column * 10_000 / max(1, timeline.columns)
    let rest = hundredths % 100
    return "\(hundredths / 100).\(rest < 10 ? "0" : "")\(rest)"
  }
}

#endif
