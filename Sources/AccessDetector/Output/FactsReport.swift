// SPDX-License-Identifier: Apache-2.0
//
// The report without names: all that is known of a violation before a file is opened. It is made
// before the names are looked for, and written by the first thread that may wait no longer.

#if AUDITED && canImport(Glibc)

internal import AccessRecorder
internal import AccessReports
internal import AccessWindows
internal import CAccessRecorder
internal import Glibc
internal import Synchronization

enum FactsReport {
  /// The report that the detector is at, ready to be written: an address of bytes that end with a
  /// zero; 0 is none. The thread that takes it owns them.
  private static var prepared: SharedWord<UInt> { SharedWord(AUDIT_WORD_FACTS_PREPARED) }

  /// Has the facts ready while names are looked for. Called by the detector.
  static func prepare(_ violation: Violation, isRehearsal: Bool = false) {
    let text = strdup(text(violation))
    if isRehearsal { free(text) } else { exchange(text) }
  }

  /// The report has been written, or will not be.
  static func withdraw() { exchange(nil) }

  /// Writes the report that the detector is at, if it has come so far; tells whether it had, and
  /// all could be written.
  static func writePrepared(to descriptor: Int32) -> Bool {
    guard let text = UnsafeMutablePointer<CChar>(bitPattern: prepared.exchange(0, ordering: .acquiringAndReleasing))
    else { return false }
    return Diagnostics.writeAll(String(cString: text), to: descriptor)
  }

  /// The facts of a pending report, on any thread. Takes the engine's locks for look-ups, none of
  /// the program's, and reads no file.
  static func text(_ pendingReport: PendingReport) -> String {
    let builder = ViolationBuilder(
      source: .addresses(LoadedImages()), losses: Losses.current(recordsLost: StatisticsTable.recordsLost),
      configuration: Engine.configuration)
    return text(builder.build(pendingReport, history: [], bounds: OverlapBounds()))
  }

  private static func text(_ violation: Violation) -> String { TextRenderer().render(violation) }

  private static func exchange(_ text: UnsafeMutablePointer<CChar>?) {
    let old = prepared.exchange(UInt(bitPattern: text), ordering: .acquiringAndReleasing)
    free(UnsafeMutablePointer<CChar>(bitPattern: old))
  }
}

#endif
