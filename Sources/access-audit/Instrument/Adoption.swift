// SPDX-License-Identifier: Apache-2.0
//
// Carries out an adoption: diff, files, record, and revert. The scanner's library chooses the
// edits.

#if Scanner && canImport(Glibc)
import AccessAuditScanner
import ArgumentParser
import Foundation

/// One run of `instrument`, or of `scan --adopt`.
struct Adoption {
  var input: SourceOptions
  var all: Bool
  var symbols: [String] = []
  var revert: Bool
  var write: Bool
  var verify: String?

  func run() throws {
    var record = try ToolError.usage { try AdoptionRecord(contentsOf: AdoptionRecord.fileName) }
    if revert { return try undo(&record) }
    let loaded = try input.load()
    let plans = try plan(loaded)
    let chosen = plans.map { Choice(plan: $0) }
    show(chosen)
    if !write || verify != nil { report(chosen) }
    guard write else {
      if chosen.contains(where: { !$0.texts.isEmpty }) { ToolError.say("nothing was changed; add --write") }
      return
    }
    let final = try verify.map { try BuildVerification(command: $0).settle(chosen) } ?? chosen
    for choice in final {
      for (source, text) in choice.texts {
        try ToolError.write(text, to: source.path)
        record.add(path: source.path, before: source.text, after: text)
      }
    }
    try ToolError.write(record.encoded(), to: AdoptionRecord.fileName)
    report(final)
  }

  /// One plan per module, for the flagged, the named, or all collections.
  private func plan(_ loaded: LoadedSources) throws -> [AdoptionPlan] {
    let known = Set(symbols)
    var plans: [AdoptionPlan] = []
    for module in loaded.files.modules {
      var wanted: Set<String>?
      if !known.isEmpty {
        wanted = known
      } else if !all {
        var report = AccessScanner(threads: loaded.threads).scan(module)
        loaded.configuration.apply(to: &report)
        wanted = Set(report.active.map(\.symbol))
      }
      plans.append(AdoptionPlan(module, symbols: wanted))
    }
    let found = Set(plans.flatMap { $0.candidates.map(\.symbol) })
    for symbol in symbols where !found.contains(symbol) {
      throw ToolError.failure("no collection '\(symbol)' that is stored in a variable and not yet audited")
    }
    return plans
  }

  private func show(_ choices: [Choice]) {
    for choice in choices {
      for (source, text) in choice.texts {
        print(UnifiedDiff.render(source.text, text, path: source.path), terminator: "")
      }
    }
  }

  private func report(_ choices: [Choice]) {
    var counts: [AdoptionForm: Int] = [:]
    var left = 0
    for choice in choices {
      for (number, candidate) in choice.plan.candidates.enumerated() {
        guard let form = candidate.form, !choice.left.contains(number) else {
          left += 1
          let reason = choice.left.contains(number) ? "it does not compile" : candidate.reason ?? "no reason"
          ToolError.say(
            "\(candidate.place.path):\(candidate.place.line): '\(candidate.symbol)' is left alone: \(reason)")
          continue
        }
        counts[form, default: 0] += 1
      }
    }
    ToolError.say(
      "\(counts[.type] ?? 0) retyped, \(counts[.wrapper] ?? 0) watched by @Audited, \(left) left alone")
  }

  private func undo(_ record: inout AdoptionRecord) throws {
    var lost = 0
    var kept: [AdoptionRecord.File] = []
    for file in record.files {
      guard let data = FileManager.default.contents(atPath: file.path) else {
        ToolError.say("\(file.path): is gone; nothing to undo")
        continue
      }
      let current = String(decoding: data, as: UTF8.self)
      let result = AdoptionRecord.undo(file, in: current)
      print(UnifiedDiff.render(current, result.text, path: file.path), terminator: "")
      for line in result.lost {
        ToolError.say("\(file.path): the adopted lines from \(line) on have changed since and stay as they are")
      }
      lost += result.lost.count
      if !result.lost.isEmpty { kept.append(file) }
      if write { try ToolError.write(result.text, to: file.path) }
    }
    if write, kept.isEmpty, !record.files.isEmpty {
      try? FileManager.default.removeItem(atPath: AdoptionRecord.fileName)
    }
    if !write, !record.files.isEmpty { ToolError.say("nothing was changed; add --write") }
    if record.files.isEmpty { ToolError.say("there is no record of an adoption here") }
    if lost > 0 { throw ToolStatus.findings }
  }
}

/// A plan and the candidates to leave out of it.
struct Choice {
  var plan: AdoptionPlan
  var left: Set<Int> = []

  var texts: [(source: SourceText, text: String)] { plan.texts(without: left) }
}
#endif
