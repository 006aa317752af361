// SPDX-License-Identifier: Apache-2.0
//
// Violations as one page that needs nothing else: no network, no script element. Formats; looks
// nothing up.

#if REPORTS && canImport(Glibc)

internal import AccessReports
internal import AccessTerms

enum HTMLPage {
  static func render(_ violations: [MergedViolation], _ settings: RenderSettings) -> String {
    let title = violations.count == 1 ? "1 violation" : "\(violations.count) violations"
    let articles = violations.enumerated().map { HTMLViolation(merged: $1, number: $0 + 1, settings: settings).article }
    let page: HTML = """
      <!doctype html>
      <html lang="en">
      <head>
      <meta charset="utf-8">
      <meta name="viewport" content="width=device-width, initial-scale=1">
      <meta name="color-scheme" content="light dark">
      <title>AccessAudit: \(title)</title>
      <style>\(HTML(markup: HTMLStyle.sheet))</style>
      </head>
      <body>
      <header><h1>AccessAudit: \(title)</h1>\(HTMLFrontPage(violations: violations).navigation)</header>
      <main>\(articles)</main>
      </body>
      </html>

      """
    return page.text
  }
}

/// One violation of a page.
struct HTMLViolation {
  let merged: MergedViolation
  let number: Int
  let settings: RenderSettings

  private var violation: Violation { merged.report }

  var article: HTML {
    let label: HTML =
      violation.container.label.map { " <q>\($0)</q>" }
      ?? violation.container.declaration.map { " <code>\($0)</code>" } ?? ""
    let count: HTML =
      violation.container.count.map { ", \(Sentences.grouped($0)) element\($0 == 1 ? "" : "s")" } ?? ""
    return """
      <article id="violation-\(number)" data-kind="\(violation.kind.rawValue)" data-fingerprint="\(merged.fingerprint)">
      <h2>\(violation.message)</h2>
      <p class="next"><strong>Next:</strong> \(HTML.withCode(NextStep(violation).text)) See \(NextStep(violation).page).</p>
      <p class="where"><code>\(violation.container.type)</code>\(label)\(count); \(MergedText.times(merged)); \
      process \(violation.process.pid) of <code>\(violation.process.executable)</code>, \(violation.process.time)</p>
      \(HTMLTimeline(violation: violation).figure)
      \(facts)
      <div class="parties">\(violation.accesses.map(party))</div>
      \(creation)
      \(history)
      \(markdown)
      </article>

      """
  }

  private var facts: HTML {
    let sentences = [
      violation.overlap.flatMap {
        Sentences.overlap($0, timesSeen: merged.timesSeen, traffic: violation.traffic)
      }, violation.traffic.flatMap(Sentences.traffic), Sentences.losses(violation.losses),
    ]
    return "<ul class=\"facts\">\(sentences.compactMap(\.self).map { "<li>\($0)</li>" as HTML })</ul>"
  }

  private func party(_ access: Violation.Access) -> HTML {
    let verb = access.writing ? "Write" : "Read"
    let operation: HTML = access.operation.map { " <code>\($0.rawValue)</code>" } ?? ""
    let state =
      access.role == .detected ? "saw the other" : access.inProgress ? "in progress" : "during the other access"
    var places: [String] = []
    if let task = access.task { places.append("task \(task.id)" + (task.name.map { " '\($0)'" } ?? "")) }
    if let queue = access.queue { places.append("queue '\(queue)'") }
    // Four rows in each card, so that the stacks begin side by side.
    let place: HTML = places.isEmpty ? "" : "In \(places.joined(separator: ", "))"
    return """
      <section class="party \(access.writing ? "write" : "read")" data-role="\(access.role.rawValue)">
      <h3>\(verb)\(operation), \(state)</h3>
      <p class="thread">\(Self.name(access.thread))</p>
      <p class="context">\(place)</p>
      <div class="frames">\(stack(access))</div>
      </section>
      """
  }

  private func stack(_ access: Violation.Access) -> HTML {
    if access.operation == nil { return "<p class=\"missing\">Unknown: its record was lost or is not there yet.</p>" }
    guard !access.stack.isEmpty else {
      return "<p class=\"missing\">No stack: \(access.stackLoss?.explanation ?? "stacks are off, or it was lost").</p>"
    }
    return frames(access.stack, excerpt: access.excerpt)
  }

  private func frames(_ frames: [Violation.Frame], excerpt: Violation.SourceExcerpt? = nil) -> HTML {
    let shown = settings.style.showsHiddenFrames ? frames : frames.shown
    let location = excerpt == nil ? nil : frames.first { $0.line == excerpt?.line && $0.file == excerpt?.file }
    var isExcerptShown = false
    let items = shown.map { frame -> HTML in
      var lines: HTML = ""
      if let excerpt, frame == location, !isExcerptShown {
        isExcerptShown = true
        lines = self.excerpt(excerpt)
      }
      let kind = frame.isAwaiting ? "awaiting" : frame.category.rawValue
      let mark: HTML = frame.isAwaiting ? "<em>awaiting</em> " : ""
      return "<li class=\"\(kind)\">\(mark)<code>\(Self.name(frame))</code>\(place(frame))\(lines)</li>"
    }
    return "<ol class=\"stack\" start=\"0\">\(items)</ol>"
  }

  private func place(_ frame: Violation.Frame) -> HTML {
    guard let file = frame.file, let line = frame.line else {
      return frame.image.map { " <small>\($0)</small>" } ?? ""
    }
    let column = frame.column.map { $0 > 0 ? ":\($0)" : "" } ?? ""
    let name = PathNames.display(file, strip: settings.style.stripPathPrefix)
    return " <small title=\"\(file)\">\(name):\(line)\(column)</small>"
  }

  private func excerpt(_ excerpt: Violation.SourceExcerpt) -> HTML {
    let lines = excerpt.lines.enumerated().map { offset, text -> HTML in
      let number = excerpt.firstLine + offset
      let content: HTML = "<span class=\"number\">\(number)</span> \(text)"
      return number == excerpt.line ? "<mark>\(content)</mark>" : "<span class=\"line\">\(content)</span>"
    }
    return "<pre class=\"excerpt\"><code>\(lines)</code></pre>"
  }

  private var creation: HTML {
    guard let created = violation.container.created else {
      return "<p class=\"missing\">The collection was created while auditing was off.</p>"
    }
    let stack = created.stack.isEmpty ? "<p class=\"missing\">No stack.</p>" : frames(created.stack)
    return "<details class=\"created\"><summary>Created by \(Self.name(created.thread))</summary>\(stack)</details>"
  }

  private var history: HTML {
    if violation.history.isEmpty { return "<p class=\"missing\">No recent accesses were recorded.</p>" }
    let rows = HistoryRuns.of(violation.history).map { run -> HTML in
      let entry = run.newest
      let place = entry.frame.map { frame -> HTML in "<code>\(Self.name(frame))</code>\(self.place(frame))"
      }
      let age = Sentences.ages(run)
      return """
        <tr class="\(entry.writing ? "write" : "read")" data-role="\(entry.role?.rawValue ?? "")"><td>\(age)</td><td>\(Self.name(entry.thread))</td>\
        <td>\(entry.writing ? "write" : "read") <code>\(entry.operation.rawValue)</code>\
        \(run.count > 1 ? " × \(run.count)" : "")</td><td>\(place ?? "no place is known")</td></tr>
        """
    }
    return """
      <section class="history"><h3>Recent accesses, newest first</h3>
      <div class="scroll"><table><thead><tr><th>Age</th><th>Thread</th><th>Access</th><th>Place</th></tr></thead>
      <tbody>\(rows)</tbody></table></div></section>
      """
  }

  /// The report for an issue tracker, and a button that copies it.
  private var markdown: HTML {
    let text = """
      ### \(merged.summary)

      \(NextStep(violation).text) \(MergedText.times(merged).prefix(1).uppercased())\(MergedText.times(merged).dropFirst()).

      ```text
      \(TextRenderer(style: settings.style).render(violation))```
      """
    return """
      <details class="markdown"><summary>Markdown for an issue</summary>
      <button type="button" onclick="\(HTML(markup: HTMLFrontPage.attribute(HTMLHandlers.copy)))">Copy</button><pre>\(HTML.withLines(text))</pre></details>
      """
  }

  /// The function, or else the image and the offset in it.
  private static func name(_ frame: Violation.Frame) -> String {
    if let symbol = frame.symbol { return symbol }
    if let image = frame.image, let offset = frame.offset { return "\(image)+\(offset)" }
    return frame.address
  }

  static func name(_ thread: Violation.ThreadDescription?) -> String {
    thread.map { "Thread \($0.id)" + ($0.name.map { " '\($0)'" } ?? "") } ?? "An unknown thread"
  }
}

#endif
