// SPDX-License-Identifier: Apache-2.0
//
// A report of traffic as one page that needs nothing else: no network, no script. Formats; adds
// nothing up.

#if REPORTS && canImport(Glibc)

extension TrafficReport {
  /// The page.
  package var html: String {
    let from: Markup = executable.map { " of <code>\($0)</code>" } ?? ""
    let sampled: Markup = sampling > 1 ? ", one in \(Numbers.grouped(sampling))" : ""
    let warnings: Markup =
      problems.isEmpty ? "" : "<ul class=\"problems\">\(problems.map { "<li>\($0)</li>" as Markup })</ul>"
    let page: Markup = """
      <!doctype html>
      <html lang="en">
      <head>
      <meta charset="utf-8">
      <meta name="viewport" content="width=device-width, initial-scale=1">
      <meta name="color-scheme" content="light dark">
      <title>AccessAudit: traffic</title>
      <style>\(TrafficStyle.sheet)</style>
      </head>
      <body>
      <header><h1>AccessAudit: traffic</h1>
      <p>\(Numbers.grouped(accesses)) accesses\(sampled)\(from) in \(Numbers.fixed(seconds, 3)) s; \
      \(Numbers.grouped(lost)) lost.</p>
      \(warnings)
      <nav aria-label="Collections"><ol>\(groups.enumerated().map(Self.entry))</ol></nav></header>
      <main>\(groups.enumerated().map(Self.article))</main>
      </body>
      </html>

      """
    return page.text
  }

  private static func entry(_ index: Int, _ group: Group) -> Markup {
    """
    <li><a href="#collection-\(index + 1)">\(group.name)</a> <small>\(Numbers.grouped(group.accesses)) accesses, \
    \(Numbers.percent(group.readShare)) reads, \(group.threads.count) thread\(group.threads.count == 1 ? "" : "s")\
    </small></li>
    """
  }

  private static func article(_ index: Int, _ group: Group) -> Markup {
    let contention = group.contention
    let keys: Markup =
      group.accessesByKey == 0
      ? "" : "<dt>Distinct keys</dt><dd>\(Numbers.grouped(group.distinctKeys))</dd>"
    let lifetime: Markup =
      group.keyLifetimes.count == 0
      ? ""
      : """
      <dt>Insert to removal</dt><dd>\(Numbers.duration(nanoseconds: Double(group.keyLifetimes.quantile(0.5)))) in the \
      median, \(Numbers.duration(nanoseconds: Double(group.keyLifetimes.quantile(0.99)))) at 99 %</dd>
      """
    return """
      <article id="collection-\(index + 1)">
      <h2>\(group.name)</h2>
      <p class="type">\(group.kind) <code>\(group.type)</code>, \(Numbers.grouped(group.collections)) \
      collection\(group.collections == 1 ? "" : "s")</p>
      <dl><dt>Accesses</dt><dd>\(Numbers.grouped(group.reads)) reads, \(Numbers.grouped(group.writes)) writes: \
      \(Numbers.percent(group.readShare)) reads</dd>
      <dt>Rate</dt><dd>\(Numbers.rate(group.perSecond)), \(Numbers.rate(group.peakPerSecond)) at the busiest</dd>
      <dt>Largest size</dt><dd>\(Numbers.grouped(group.largestSize))</dd>\(keys)\(lifetime)
      <dt>Contention</dt><dd>\(Numbers.grouped(contention.overlapping)) accesses overlapped with one of another thread, \
      \(Numbers.grouped(contention.overlappingWrites)) with a write; \(Numbers.grouped(contention.near)) more came within \
      10 µs</dd></dl>
      <div class="charts">
      \(TrafficCharts.timeLine(group.timeLine))
      \(TrafficCharts.sizes(group.timeLine))
      \(TrafficCharts.durations(group.readDurations, group.writeDurations))
      \(TrafficCharts.lifetimes(group.keyLifetimes))
      </div>
      <div class="lists">
      \(list("Operations", group.operations.map { ($0.name, $0.accesses) }, of: group.accesses))
      \(list("Threads", group.threads.map { ("Thread \($0.id)", $0.reads + $0.writes) }, of: group.accesses))
      \(list("Hot keys, by hash", group.hotKeys.map { ($0.hash, $0.accesses) }, of: group.accessesByKey))
      \(list("Places", group.sites.map { ($0.place, $0.reads + $0.writes) }, of: group.accesses))
      </div>
      </article>

      """
  }

  /// Names with bars.
  private static func list(_ title: String, _ entries: [(String, UInt64)], of whole: UInt64) -> Markup {
    if entries.isEmpty { return "" }
    let rows = entries.prefix(12).map { name, count -> Markup in
      let share = whole == 0 ? 0 : Double(count) / Double(whole)
      return """
        <tr><th scope="row"><code>\(name)</code></th><td>\(Numbers.grouped(count))</td>\
        <td class="share"><span style="width:\(Int((share * 100).rounded()))%"></span></td></tr>
        """
    }
    let more: Markup = entries.count > 12 ? "<p><small>\(entries.count - 12) more</small></p>" : ""
    return "<section><h3>\(title)</h3><table><tbody>\(rows)</tbody></table>\(more)</section>"
  }
}

/// The style sheet of the page: light and dark by the reader's setting, one column on a narrow
/// screen.
enum TrafficStyle {
  static let sheet: Markup = """

    :root { --ground: #ffffff; --raised: #f5f6f8; --text: #1b1f24; --soft: #57606a; --line: #d0d7de; --read: #2563a8;
      --write: #b42318; --link: #0b57d0; }
    @media (prefers-color-scheme: dark) {
      :root { --ground: #14171c; --raised: #1e232a; --text: #e6e9ee; --soft: #a3adb9; --line: #39424e; --read: #5aa2f0;
        --write: #f2786b; --link: #8ab4f8; }
    }
    * { box-sizing: border-box; }
    body { margin: 0 auto; max-width: 76rem; padding: 1rem; background: var(--ground); color: var(--text);
      font: 1rem/1.45 system-ui, sans-serif; overflow-wrap: anywhere; }
    h1 { font-size: 1.4rem; } h2 { font-size: 1.25rem; margin: 0; } h3 { font-size: 1rem; margin: 0 0 .25rem; }
    code { font: .86rem/1.4 ui-monospace, "DejaVu Sans Mono", monospace; }
    a { color: var(--link); } small, .type, figcaption, dt { color: var(--soft); }
    .problems { color: var(--write); }
    article { border: 1px solid var(--line); border-radius: .5rem; padding: 1rem; margin: 0 0 1.5rem; }
    dl { display: grid; grid-template-columns: max-content minmax(0, 1fr); gap: .15rem 1rem; } dd { margin: 0; }
    .charts, .lists { display: grid; grid-template-columns: repeat(2, minmax(0, 1fr)); gap: 1rem; margin-top: 1rem; }
    figure { margin: 0; padding: .75rem; background: var(--raised); border-radius: .5rem; }
    figcaption { font-size: .86rem; margin-bottom: .3rem; } svg { display: block; width: 100%; height: auto; }
    svg text { fill: var(--soft); font: 11px system-ui, sans-serif; } svg .axis { stroke: var(--line); }
    svg .read { fill: var(--read); } svg .write { fill: var(--write); }
    .key { font-weight: 600; } .key.read { color: var(--read); } .key.write { color: var(--write); }
    table { border-collapse: collapse; width: 100%; font-size: .9rem; }
    th { text-align: left; font-weight: normal; } td { text-align: right; white-space: nowrap; padding-left: .5rem; }
    th, td { border-bottom: 1px solid var(--line); vertical-align: top; }
    .share { width: 25%; } .share span { display: block; height: .7rem; margin-top: .35rem; min-width: 1px;
      background: var(--read); border-radius: 2px; }
    @media (max-width: 44rem) {
      body { padding: .5rem; } article { padding: .6rem; }
      .charts, .lists, dl { grid-template-columns: minmax(0, 1fr); } dd { margin-bottom: .4rem; }
    }

    """
}

#endif
