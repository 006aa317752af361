// SPDX-License-Identifier: Apache-2.0
//
// The subcommand `baseline`: the entries of baselines and suppressions, with owner, reason and the
// day on which they end. The library reads and changes the files.

#if Scanner && canImport(Glibc)
import AccessAuditPreflight
import AccessAuditReports
import AccessAuditScanner
import AccessTerms
import BaselineTerms
import ArgumentParser
import Foundation

/// `access-audit baseline`.
struct BaselineCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "baseline", abstract: "Adds, explains, checks and prunes what is known and does not count.",
    discussion: """
      The file is a baseline of races, a baseline of the scanner's findings, or a suppressions file. An entry can have \
      an owner, a reason, and the last day on which it counts; in a suppressions file they stand in a comment above the \
      rule: # \(AnnotatedSuppressions.marker) owner=ana expires=2027-03-31 reason=until the lock is in

      Exit status: 0; 1 when 'check' finds an entry that has expired; 64 when the usage is wrong or a file cannot be \
      read, 70 when one cannot be written.

      Examples:
        access-audit baseline add known-races.json --from races/ --owner ana --reason 'known since 1.2' --expires 2027-03-31
        access-audit baseline add known-races.json --key 0123456789abcdef:1 --owner ana --reason 'renewed' --expires 2027-06-30
        access-audit baseline add races.supp --key 'race:LegacyCache.*' --owner ben --reason 'third-party code'
        access-audit baseline explain known-races.json --from races/
        access-audit baseline prune known-races.json --from races/ --expired
        access-audit baseline check known-races.json races.supp --owned
      """,
    subcommands: [BaselineAdd.self, BaselineExplain.self, BaselinePrune.self, BaselineCheck.self])
}

/// The file, and what its entries are compared with.
struct KnownFileOptions: ParsableArguments {
  @Argument(help: "The baseline, or the suppressions file.", completion: .file())
  var file: String

  @Option(
    help:
      "Reports, a folder of them, or what 'scan --format json' has written; '-' for standard input; can be given again.",
    completion: .file())
  var from: [String] = []

  /// Reads what was found.
  func present() throws -> Present {
    var present = Present()
    for path in from {
      if path != "-", let data = FileManager.default.contents(atPath: path), let findings = PresentFinding.read(data) {
        present.findings = (present.findings ?? []) + findings
      } else {
        present.races = (present.races ?? []) + (try ToolError.loadReports([path]))
      }
    }
    return present
  }

  func load() throws -> KnownFile { try ToolError.usage { try KnownFile(contentsOf: file) } }
}

struct BaselineAdd: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "add", abstract: "Adds entries, or gives those that are there another owner, reason and date.")

  @OptionGroup var known: KnownFileOptions

  @Option(
    help: "A fingerprint, or a rule of a suppressions file; can be given again; without any, all that --from has.")
  var key: [String] = []

  @Option(help: "Who answers for the entries.")
  var owner: String

  @Option(help: "Why they are accepted.")
  var reason: String

  @Option(help: "The last day on which they count, as YYYY-MM-DD, in UTC.")
  var expires: String?

  func validate() throws {
    if key.isEmpty, known.from.isEmpty { throw ValidationError("Name entries by --key, or reports by --from.") }
    if let expires, CalendarDay(expires) == nil {
      throw ValidationError("--expires: '\(expires)' is no day YYYY-MM-DD.")
    }
    for (name, text) in [("--owner", owner), ("--reason", reason)]
    where text.isEmpty || text.contains(where: \.isNewline) {
      throw ValidationError("\(name) must be one line of text.")
    }
    if owner.contains(" ") { throw ValidationError("--owner must be one word.") }
  }

  func run() throws {
    let present = try known.present()
    var file: KnownFile
    if FileManager.default.fileExists(atPath: known.file) {
      file = try known.load()
    } else if present.findings != nil {
      file = .findings(Baseline.empty)
    } else if present.races != nil {
      file = .races(ViolationBaseline(of: []))
    } else {
      file = try ToolError.usage { .suppressions(try AnnotatedSuppressions(text: "", path: known.file)) }
    }
    let note = KnownNote(owner: owner, reason: reason, expires: expires.flatMap(CalendarDay.init))
    let (changed, unknown) = try ToolError.usage { try file.add(key, from: present, note: note) }
    if let first = unknown.first { throw ToolError.failure("'\(first)' is no entry of \(known.file), nor of --from") }
    try ToolError.write(file.text, to: known.file)
    print(
      "\(changed.count) entries of \(known.file) are \(owner)'s\(expires.map { ", until \($0)" } ?? ", without an end")"
    )
  }
}

struct BaselineExplain: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "explain",
    abstract: "Shows the entries: what they are, whose, why, until when, and whether they match.")

  @OptionGroup var known: KnownFileOptions

  @Option(help: "Only this entry; can be given again.")
  var key: [String] = []

  func run() throws {
    let file = try known.load()
    let entries = file.entries(try known.present()).filter { key.isEmpty || key.contains($0.key) }
    if let missing = key.first(where: { key in !entries.contains { $0.key == key } }) {
      throw ToolError.failure("'\(missing)' is no entry of \(known.file)")
    }
    for entry in entries {
      let text = TextEscaping.printable
      print("\(text(entry.key, 4096)): \(text(entry.title, 4096))")
      let until = entry.expires.map { $0 < .today ? "EXPIRED on \($0)" : "until \($0)" } ?? "without an end"
      print("  \(text(entry.owner ?? "no owner", 4096)), \(until): \(text(entry.reason ?? "no reason", 4096))")
      if let isUsed = entry.isUsed { print(isUsed ? "  matches" : "  matches nothing: 'prune' removes it") }
    }
    if entries.isEmpty { print("\(known.file) has no entries") }
  }
}

struct BaselinePrune: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "prune", abstract: "Removes the entries that match nothing, and those that have expired.")

  @OptionGroup var known: KnownFileOptions

  @Flag(help: "Remove the entries that have expired, too.")
  var expired = false

  @Flag(help: "Only say what would be removed.")
  var dryRun = false

  func validate() throws {
    if known.from.isEmpty, !expired {
      throw ValidationError("Name reports to compare with by --from, or give --expired.")
    }
  }

  func run() throws {
    var file = try known.load()
    let present = try known.present()
    if !known.from.isEmpty, !file.isComparable(with: present) {
      throw ToolError.failure("\(known.file) and --from are of different kinds: races, and findings of 'scan'")
    }
    let removed = try ToolError.usage { try file.prune(unusedIn: present, expired: expired) }
    if !removed.isEmpty, !dryRun { try ToolError.write(file.text, to: known.file) }
    for entry in removed {
      let reason = entry.isUsed == false ? "matches nothing" : "expired on \(entry.expires?.description ?? "?")"
      print(
        "\(dryRun ? "would remove" : "removed") \(TextEscaping.printable(entry.key)): \(TextEscaping.printable(entry.title)) (\(reason))"
      )
    }
    print("\(removed.count) entries \(dryRun ? "to remove" : "removed")")
  }
}

struct BaselineCheck: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "check", abstract: "Fails when an entry has expired.")

  @Argument(help: "Baselines and suppressions files.", completion: .file())
  var files: [String]

  @Flag(help: "Fail on entries without an owner or a reason, too.")
  var owned = false

  func run() throws {
    var failures = 0
    for path in files {
      for entry in try ToolError.usage({ try KnownFile(contentsOf: path) }).entries(Present()) {
        var faults: [String] = []
        if entry.isExpired(on: .today) { faults.append("expired on \(entry.expires?.description ?? "?")") }
        if owned, entry.owner == nil { faults.append("has no owner") }
        if owned, entry.reason == nil { faults.append("has no reason") }
        if faults.isEmpty { continue }
        failures += 1
        print(
          "\(path): \(TextEscaping.printable(entry.key)): \(TextEscaping.printable(entry.title)): \(faults.joined(separator: ", "))"
        )
      }
    }
    if failures > 0 { throw ToolStatus.findings }
  }
}
#endif
