// SPDX-License-Identifier: Apache-2.0
//
// Merging reports as they come, from logs of any length in bounded memory: of each race the newest
// report is kept, and counts. Reads a descriptor.

#if REPORTS && canImport(Glibc)

internal import AccessReports
internal import Glibc

package struct FleetMerge {
  /// Races that are kept; reports of more are counted.
  static let raceLimit = 10_000
  /// Processes that are kept, of all races together.
  static let processLimit = 1 << 20
  /// The longest line that is read.
  static let lineLimit = 16 << 20

  private struct Race {
    var newest: LoadedReport
    var tally = FleetTally()
  }

  private var races: [String: Race] = [:]
  private var processes = 0
  package private(set) var lines = 0
  package private(set) var reports = 0
  /// Lines with a report that is cut or not understood, and why the first is not.
  package private(set) var broken = 0
  package private(set) var firstReason = ""
  /// Reports of races beyond the limit.
  package private(set) var dropped = 0

  package init() {}

  /// Takes the reports of one line.
  package mutating func read(line: UnsafeRawBufferPointer) {
    lines += 1
    switch ReportLine.read(line) {
    case .none: break
    case .reports(let found): found.forEach { add($0) }
    case .broken(let reason):
      if broken == 0 { firstReason = "line \(lines): \(reason)" }
      broken += 1
    }
  }

  mutating func add(_ report: LoadedReport) {
    reports += 1
    let identity = RaceIdentity.exact(report.violation)
    var race: Race
    if let known = races.removeValue(forKey: identity) {
      race = known
      let times = race.newest.timesSeen.addingReportingOverflow(report.timesSeen)
      if race.newest.violation.process.time < report.violation.process.time { race.newest.violation = report.violation }
      race.newest.timesSeen = times.overflow ? .max : times.partialValue
    } else if races.count < Self.raceLimit {
      race = Race(newest: report)
      race.newest.runs = []
    } else {
      dropped += 1
      return
    }
    let isNew = race.tally.add(report.violation, timesSeen: report.timesSeen, canKeep: processes < Self.processLimit)
    if isNew { processes += 1 }
    if race.newest.runs.count < FleetTally.nameLimit / 10 { race.newest.runs.formUnion(report.runs.prefix(1)) }
    races[identity] = race
  }

  /// Reads a descriptor to its end.
  ///
  /// - Throws: `ReportFileError` when it cannot be read.
  package mutating func read(descriptor: Int32) throws {
    let size = 1 << 18
    var buffer = [UInt8](repeating: 0, count: size)
    var rest: [UInt8] = []
    var isSkipping = false
    while true {
      let count = Glibc.read(descriptor, &buffer, size)
      if count < 0 {
        if errno == EINTR { continue }
        throw ReportFileError(description: "standard input: \(String(cString: strerror(errno)))")
      }
      if count == 0 { break }
      buffer.withUnsafeBytes { bytes in
        var start = 0
        while let found = memchr(bytes.baseAddress! + start, 0x0A, count - start) {
          let end = UnsafeRawPointer(found) - bytes.baseAddress!
          if isSkipping {
            isSkipping = false
          } else if rest.isEmpty {
            read(line: UnsafeRawBufferPointer(rebasing: bytes[start..<end]))
          } else {
            rest += bytes[start..<end]
            rest.withUnsafeBytes { read(line: $0) }
          }
          rest.removeAll(keepingCapacity: rest.capacity < size)
          start = end + 1
          if start == count { break }
        }
        if start < count, !isSkipping { rest += bytes[start..<count] }
        if rest.count > Self.lineLimit {
          rest = []
          isSkipping = true
          lines += 1
          if broken == 0 { firstReason = "line \(lines): is longer than \(Self.lineLimit) bytes" }
          broken += 1
        }
      }
    }
    if !rest.isEmpty { rest.withUnsafeBytes { read(line: $0) } }
  }

  /// What was read, one report for each race.
  package var loaded: [LoadedReport] {
    races.values.map { race in
      var report = race.newest
      report.fleet = race.tally
      return report
    }
  }

  /// What is worth telling of the input.
  package var notes: [String] {
    var notes = ["\(lines) lines, \(reports) reports of \(races.count) races"]
    if broken > 0 { notes.append("\(broken) lines have reports that are cut or not understood; \(firstReason)") }
    if dropped > 0 { notes.append("\(dropped) reports are of races beyond the first \(Self.raceLimit)") }
    return notes
  }
}

#endif
