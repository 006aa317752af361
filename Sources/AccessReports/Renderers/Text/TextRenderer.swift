// SPDX-License-Identifier: Apache-2.0
//
// The text form of a violation. Formats what the model holds; looks nothing up.

#if REPORTS && canImport(Glibc)

internal import AccessTerms

/// How a text report is to look.
package struct TextStyle: Sendable {
  package var usesColor = false
  package var stripPathPrefix = ""
  /// Shows the frames that are hidden otherwise: this package's, thunks.
  package var showsHiddenFrames = false

  package init(usesColor: Bool = false, stripPathPrefix: String = "", showsHiddenFrames: Bool = false) {
    self.usesColor = usesColor
    self.stripPathPrefix = stripPathPrefix
    self.showsHiddenFrames = showsHiddenFrames
  }
}

package struct TextRenderer {
  package var style: TextStyle

  package init(style: TextStyle = TextStyle()) { self.style = style }

  private static var rule: String { String(repeating: "=", count: 18) }

  /// The whole report, between two rules.
  package func render(_ violation: Violation) -> String {
    var lines = [Self.rule, emphasized("fatal error: \(escaped(violation.message))"), headline(violation), ""]
    lines += access(violation.detected, of: violation)
    lines += access(violation.conflicting, of: violation)
    lines += container(violation.container)
    lines += history(violation)
    lines += circumstances(violation)
    lines += images(violation)
    if let seed = violation.process.seed { lines.append("  Seed: \(seed)") }
    lines.append("  \(Sentences.losses(violation.losses))")
    let next = NextStep(violation)
    lines.append("  Next: \(escaped(next.text)) See \(next.page).")
    if let source = source(violation) { lines.append("  Source: \(source)") }
    lines.append(emphasized(summary(violation)))
    lines.append(Self.rule)
    return lines.joined(separator: "\n") + "\n"
  }

  private func headline(_ violation: Violation) -> String {
    let detected = violation.detected
    let conflicting = violation.conflicting
    let verb: String
    switch (conflicting.inProgress, conflicting.writing) {
    case (true, true): verb = "is writing"
    case (true, false): verb = "is reading"
    case (false, true): verb = "wrote"
    case (false, false): verb = "read"
    }
    return "AccessAudit: \(detected.writing ? "write" : "read") by \(thread(detected.thread)) while "
      + "\(thread(conflicting.thread)) \(verb) (pid=\(violation.process.pid))"
  }

  private func access(_ access: Violation.Access, of violation: Violation) -> [String] {
    let isOther = access.role == .conflicting
    let operation = access.operation.map { " (\($0.rawValue))" } ?? ""
    let state = isOther ? (access.inProgress ? " in progress" : " during the other access") : ""
    let title = "  \(access.writing ? "Write" : "Read")\(operation)\(state) by \(thread(access.thread)):"
    return [emphasized(title)] + stack(access, of: violation) + [""]
  }

  private func stack(_ access: Violation.Access, of violation: Violation) -> [String] {
    if access.operation == nil { return ["    unknown: its record was lost or is not there yet"] }
    guard !access.stack.isEmpty else {
      return ["    no stack: \(access.stackLoss?.explanation ?? "stacks are off, or it was lost")"] + place(access)
    }
    return frames(access.stack, excerpt: access.excerpt) + place(access)
  }

  /// The stack's lines, the excerpt below the frame it belongs to.
  private func frames(_ frames: [Violation.Frame], excerpt: Violation.SourceExcerpt? = nil) -> [String] {
    let shown = style.showsHiddenFrames ? frames : frames.shown
    let location = excerpt == nil ? nil : frames.location
    var isExcerptShown = false
    return shown.enumerated().flatMap { index, frame -> [String] in
      let mark = frame.isAwaiting ? " [awaiting]" : ""
      // What has no name is told by its image, which then needs no mention; what has no line, by
      // the place in it.
      let offset = frame.line == nil && frame.category == .user ? frame.offset.map { "+\($0)" } ?? "" : ""
      let image = name(frame).isFound ? frame.image.map { " (\(escaped($0))\(offset))" } : nil
      let line = "    #\(index) \(describe(frame))\(image ?? "")\(mark)"
      guard let excerpt, frame == location, !isExcerptShown else { return [line] }
      isExcerptShown = true
      return [line] + lines(excerpt)
    }
  }

  private func lines(_ excerpt: Violation.SourceExcerpt) -> [String] {
    let width = String(excerpt.firstLine + excerpt.lines.count - 1).count
    return excerpt.lines.enumerated().map { offset, text in
      let number = excerpt.firstLine + offset
      let padding = String(repeating: " ", count: width - String(number).count)
      let line = "      \(number == excerpt.line ? ">" : " ") \(padding)\(number) | \(escaped(text))"
      return String(line.reversed().drop { $0 == " " }.reversed())
    }
  }

  /// The task and the queue of the access, where they are known.
  private func place(_ access: Violation.Access) -> [String] {
    var parts: [String] = []
    if let task = access.task { parts.append("in task \(task.id)" + (task.name.map { " '\(escaped($0))'" } ?? "")) }
    if let queue = access.queue { parts.append("on queue '\(escaped(queue))'") }
    return parts.isEmpty ? [] : ["    \(parts.joined(separator: ", "))"]
  }

  private func describe(_ frame: Violation.Frame) -> String {
    let name = name(frame).text
    return location(frame).map { "\(name) \($0)" } ?? name
  }

  /// The function's name; in its place the image and the offset in it, or the address alone.
  private func name(_ frame: Violation.Frame) -> (text: String, isFound: Bool) {
    if let symbol = frame.symbol { return (escaped(symbol), true) }
    if let image = frame.image, let offset = frame.offset { return ("\(escaped(image))+\(offset)", false) }
    return (frame.address, frame.image != nil)
  }

  /// `File.swift:line:column`, with the folders only where the prefix to strip leaves some.
  private func location(_ frame: Violation.Frame) -> String? {
    guard let file = frame.file, let line = frame.line, line > 0 else { return nil }
    let column = frame.column.map { $0 > 0 ? ":\($0)" : "" } ?? ""
    return "\(escaped(PathNames.display(file, strip: style.stripPathPrefix))):\(line)\(column)"
  }

  private func container(_ container: Violation.Container) -> [String] {
    let label =
      container.label.map { " '\(escaped($0))'" } ?? container.declaration.map { " \(escaped($0))" } ?? ""
    let count = container.count.map { ", \(Sentences.grouped($0)) element\($0 == 1 ? "" : "s")" } ?? ""
    let title = "  \(container.kind.rawValue.capitalizedFirst) \(escaped(container.type))\(label)\(count)"
    guard let created = container.created else { return [title + ", created while auditing was off", ""] }
    let stack = created.stack.isEmpty ? ["    no stack: stacks are off, or it was lost"] : frames(created.stack)
    return [title + ", created by \(thread(created.thread)) at:"] + stack + [""]
  }

  private func history(_ violation: Violation) -> [String] {
    guard !violation.history.isEmpty else { return ["  Recent accesses: none recorded", ""] }
    return ["  Recent accesses, newest first:"] + HistoryRuns.of(violation.history).map(describe) + [""]
  }

  private func describe(_ run: HistoryRuns.Run) -> String {
    let entry = run.newest
    let place = entry.frame.map(describe) ?? "no place is known"
    let isLonger = run.oldestAgeMilliseconds > entry.ageMilliseconds
    let since = isLonger ? " since \(Sentences.age(run.oldestAgeMilliseconds)) ago" : ""
    let times = run.count > 1 ? ", \(run.count) times\(since)" : ""
    return "    \(entry.writing ? "write" : "read ") \(entry.operation.rawValue) by \(thread(entry.thread)), "
      + "\(Sentences.age(entry.ageMilliseconds)) ago, \(place)\(times)"
  }

  private func circumstances(_ violation: Violation) -> [String] {
    var lines: [String?] = []
    if let overlap = violation.overlap {
      lines.append(Sentences.overlap(overlap, timesSeen: violation.timesSeen, traffic: violation.traffic))
    }
    if let traffic = violation.traffic { lines.append(Sentences.traffic(traffic)) }
    return lines.compactMap { $0.map { "  \($0)" } }
  }

  /// The images of the program's own frames that have no names, so that these can be found.
  private func images(_ violation: Violation) -> [String] {
    let stacks = violation.accesses.map(\.stack) + [violation.container.created?.stack ?? []]
    let nameless = Set(stacks.joined().filter { $0.symbol == nil && $0.category == .user }.compactMap(\.image))
    let images = (violation.images ?? []).filter { nameless.contains($0.name) }
    if images.isEmpty { return [] }
    return ["  For the name of IMAGE+OFFSET: `llvm-symbolizer --obj=PATH OFFSET-1`, with the file of this build ID:"]
      + images.map { image in
        let buildID = image.buildID.map { "build ID \($0)" } ?? "no build ID"
        return "    \(escaped(image.name)): \(buildID), at \(image.begin), \(escaped(image.path))"
      }
  }

  /// The whole path of the place to look at, for a terminal to open.
  private func source(_ violation: Violation) -> String? {
    let places = [violation.detected.location, violation.conflicting.location].compactMap(\.self)
    guard let frame = places.first(where: { $0.line != nil }), let file = frame.file, let line = frame.line
    else { return nil }
    return "\(escaped(file)):\(line)\(frame.column.map { $0 > 0 ? ":\($0)" : "" } ?? "")"
  }

  private func summary(_ violation: Violation) -> String {
    let place = violation.detected.location ?? violation.conflicting.location
    let text = place.map { frame in
      " \(location(frame).map { $0 + " in " } ?? "in ")\(name(frame).text)"
    }
    return "SUMMARY: AccessAudit: \(escaped(violation.message))\(text ?? "")"
  }

  private func thread(_ thread: Violation.ThreadDescription?) -> String {
    guard let thread else { return "an unknown thread" }
    return "thread \(thread.id)" + (thread.name.map { " '\(escaped($0))'" } ?? "")
  }

  private func emphasized(_ text: String) -> String { style.usesColor ? "\u{1B}[1;31m\(text)\u{1B}[0m" : text }

  private func escaped(_ text: String) -> String { TextEscaping.printable(text) }
}

package enum PathNames {
  /// The path without the prefix; the file's name alone when no prefix is given.
  package static func display(_ path: String, strip prefix: String) -> String {
    if !prefix.isEmpty, path.hasPrefix(prefix) { return String(path.dropFirst(prefix.count)) }
    if !prefix.isEmpty { return path }
    return path.split(separator: "/").last.map(String.init) ?? path
  }
}

extension String {
  fileprivate var capitalizedFirst: String { prefix(1).uppercased() + dropFirst() }
}

#endif
