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
      <div class="scroll"><div class="chart">\(lanes)
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

  /// The ages, where they change.
  private var axis: HTML {
    var last: Int?
    let marks = timeline.bars.compactMap { bar -> HTML? in
      guard let age = bar.ageMilliseconds, age != last else { return nil }
      // Marks that would lie on top of one another are left out.
      last = age
      return "<span style=\"left:\(percent(bar.start))%\">\(age > 0 ? "−\(age) ms" : "now")</span>"
    }
    return
      "<div class=\"axis\" aria-hidden=\"true\">\(marks.count > 6 ? [marks[0], marks[marks.count - 1]] : marks)</div>"
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
