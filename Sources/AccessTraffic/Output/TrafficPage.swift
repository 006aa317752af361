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
    let head: Markup = """
      <p>\(Numbers.grouped(accesses)) accesses\(sampled)\(from) in \(Numbers.fixed(seconds, 3)) s; \
      \(Numbers.grouped(lost)) lost.</p>
      \(warnings)
      <nav aria-label="Collections"><ol>\(groups.enumerated().map(Self.entry))</ol></nav>
      """
    return Page.text("AccessAudit: traffic", head, main: groups.enumerated().map(Self.article))
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

#endif
