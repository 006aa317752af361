// SPDX-License-Identifier: Apache-2.0
//
// Races as checks: those that a baseline or a suppression knows, those that nothing knows, and the
// entries that have expired or match nothing. Files are read; nothing is run.

#if Scanner && canImport(Glibc)

internal import AccessAuditReports
internal import AccessReports
internal import BaselineTerms
internal import Foundation

struct RaceChecks {
  /// The package's folder; places below it are shown relative to it.
  var root: String
  var baseline: String?
  var suppressions: String?
  var day = CalendarDay.today

  /// - Parameter isComplete: whether all that could race has run, so that entries which match
  ///   nothing are worth a word.
  func checks(of races: [MergedViolation], isComplete: Bool) -> [Check] {
    var checks: [Check] = []
    var unknown = races
    var known = 0
    do {
      if let suppressions {
        let file = try AnnotatedSuppressions(contentsOf: absolute(suppressions))
        let split = file.split(unknown, on: day)
        unknown = split.new
        known += split.suppressed.count
        checks += expired(file.expired(on: day), suppressions)
        if isComplete { checks += unused(split.unused, suppressions) }
      }
      if let baseline {
        let file = try ViolationBaseline(contentsOf: absolute(baseline))
        let split = file.split(unknown, on: day)
        unknown = split.new
        known += split.known.count
        checks += expired(file.expired(on: day), baseline)
        if isComplete { checks += unused(split.unused, baseline) }
      }
    } catch {
      return [Check("known races", .failed, "\(error)", next: "write the file: access-audit baseline add")]
    }
    let new = unknown.map { race in
      Check(
        "race", .failed, "\(race.summary), seen \(Sentences.times(race.timesSeen))", next: NextStep(race.report).text,
        place: place(race.report))
    }
    if new.isEmpty {
      checks.insert(
        Check(
          "races", .passed,
          known == 0 ? "no race was seen" : "no race but \(known) that \(known == 1 ? "is" : "are") known"),
        at: 0)
    }
    return new + checks
  }

  private func absolute(_ path: String) -> String { path.hasPrefix("/") ? path : "\(root)/\(path)" }

  private func place(_ violation: Violation) -> Check.Place? {
    for frame in violation.accesses.compactMap(\.location) {
      guard let file = frame.file, let line = frame.line, line > 0 else { continue }
      return Check.Place(
        file: file.hasPrefix(root + "/") ? String(file.dropFirst(root.utf8.count + 1)) : file, line: line)
    }
    return nil
  }

  private func expired(_ entries: [ViolationBaseline.Entry], _ path: String) -> [Check] {
    entries.map { entry in
      Check(
        "baseline", .failed,
        "\(path): an entry expired on \(entry.expires?.description ?? "?")\(Preflight.owned(entry.owner)): \(entry.summary)",
        next: "correct the race, or give the entry another date with a reason: access-audit baseline add")
    }
  }

  private func expired(_ entries: [AnnotatedSuppressions.Entry], _ path: String) -> [Check] {
    entries.map { entry in
      Check(
        "suppressions", .failed,
        "\(path):\(entry.line): '\(entry.rule.text)' expired on \(entry.expires?.description ?? "?")\(Preflight.owned(entry.owner))",
        next: "correct the race, or give the rule another date with a reason",
        place: Check.Place(file: path, line: entry.line))
    }
  }

  private func unused(_ entries: [ViolationBaseline.Entry], _ path: String) -> [Check] {
    entries.map {
      Check(
        "baseline", .warning, "\(path): an entry was not seen: \($0.summary)",
        next: "access-audit baseline prune \(Command.quoted(path))")
    }
  }

  private func unused(_ entries: [AnnotatedSuppressions.Entry], _ path: String) -> [Check] {
    entries.map {
      Check(
        "suppressions", .warning, "\(path):\($0.line): '\($0.rule.text)' matched nothing",
        next: "access-audit baseline prune \(Command.quoted(path))", place: Check.Place(file: path, line: $0.line))
    }
  }
}

#endif
