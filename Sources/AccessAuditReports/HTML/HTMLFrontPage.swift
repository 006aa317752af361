// SPDX-License-Identifier: Apache-2.0
//
// The list of many violations at the top of a page: sorted, filtered, over time. Formats; looks
// nothing up.

#if REPORTS && canImport(Glibc)

internal import AccessReports
internal import AccessTerms

/// What the elements of the page do when they are used; the page has no other script. Constants,
/// escaped where they stand in an attribute.
enum HTMLHandlers {
  /// Shows the entries, and the violations, that have the text of the box in them.
  static let filter = """
    const wanted = this.value.toLowerCase(); for (const entry of document.querySelectorAll('.entry')) { entry.hidden = \
    !entry.textContent.toLowerCase().includes(wanted); document.querySelector(entry.querySelector('a').hash).hidden = \
    entry.hidden }
    """

  /// Sorts the entries by the key in the button's value; numbers begin with the greatest.
  static let sort = """
    const key = this.value, list = document.querySelector('.entries'); for (const button of \
    document.querySelectorAll('.sort button')) button.setAttribute('aria-pressed', button === this); \
    list.append(...[...list.children].sort((a, b) => { const x = a.dataset[key], y = b.dataset[key]; return key === \
    'count' ? y - x : key === 'time' ? y.localeCompare(x) : x.localeCompare(y, 'en', { \
    numeric: true }) }))
    """

  /// Copies the text behind the button.
  static let copy = """
    const selection = getSelection(); selection.selectAllChildren(this.nextElementSibling); \
    document.execCommand('copy'); this.textContent = 'Copied'
    """
}

struct HTMLFrontPage {
  let violations: [MergedViolation]

  /// Nothing for a single violation.
  var navigation: HTML {
    if violations.count < 2 { return "" }
    let buttons = [("count", "times seen"), ("collection", "collection"), ("place", "place"), ("time", "last seen")]
    let sorting = buttons.enumerated().map { index, button -> HTML in
      """
      <button type="button" value="\(button.0)" aria-pressed="\(index == 0 ? "true" : "false")" \
      onclick="\(HTML(markup: Self.attribute(HTMLHandlers.sort)))">\(button.1)</button>
      """
    }
    return """
      <nav aria-label="Violations">
      <p class="tools"><label>Filter <input type="search" oninput="\(HTML(markup: Self.attribute(HTMLHandlers.filter)))"></label> \
      <span class="sort">Sort by \(sorting)</span></p>
      <ol class="entries">\(violations.indices.map(entry))</ol>
      \(times)
      </nav>
      """
  }

  static func attribute(_ handler: String) -> String { HTML.escaped(handler) }

  private func entry(_ index: Int) -> HTML {
    let merged = violations[index]
    let container = merged.report.container
    let place = merged.report.accesses.compactMap(\.location).first.map { frame in
      "\(frame.file.map { PathNames.display($0, strip: "") } ?? frame.image ?? "?"):\(frame.line ?? 0)"
    }
    return """
      <li class="entry" data-count="\(merged.timesSeen)" data-time="\(merged.report.process.time)" \
      data-place="\(place ?? "")" data-collection="\(container.label ?? container.declaration ?? container.type)">\
      <a href="#violation-\(index + 1)">\(merged.summary)</a> <small>\(MergedText.times(merged)), last \
      <time>\(merged.report.process.time)</time></small></li>
      """
  }

  /// When each was last seen, from the first to the last of them; nothing when that is one moment.
  private var times: HTML {
    let seconds = violations.map { Self.seconds($0.report.process.time) }
    let known = seconds.compactMap(\.self)
    guard let first = known.min(), let last = known.max(), last > first else { return "" }
    let marks = violations.indices.compactMap { index -> HTML? in
      guard let time = seconds[index] else { return nil }
      let hundredths = Int((time - first) * 10_000 / (last - first))
      return """
        <a class="moment" href="#violation-\(index + 1)" title="\(violations[index].summary)" \
        style="left:\(hundredths / 100)%" aria-label="violation \(index + 1)"></a>
        """
    }
    let (from, to) = (
      violations.map(\.report.process.time).min() ?? "", violations.map(\.report.process.time).max() ?? ""
    )
    return """
      <figure class="moments"><div class="track">\(marks)</div>
      <figcaption><time>\(from)</time> <time>\(to)</time></figcaption></figure>
      """
  }

  /// Seconds of `2026-01-31T23:59:59.000Z`, in a calendar of months of 31 days: enough for an order
  /// and for distances of days.
  static func seconds(_ time: String) -> Double? {
    let parts = time.split { !$0.isNumber }
    let numbers = parts.prefix(6).compactMap { Double($0) }
    guard numbers.count == 6, numbers.allSatisfy({ $0 < 10_000 }) else { return nil }
    let days = (numbers[0] * 12 + numbers[1]) * 31 + numbers[2]
    let fraction = parts.count > 6 ? Double("0.\(parts[6])") ?? 0 : 0
    return ((days * 24 + numbers[3]) * 60 + numbers[4]) * 60 + numbers[5] + fraction
  }
}

#endif
