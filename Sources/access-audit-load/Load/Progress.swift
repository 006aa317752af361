// SPDX-License-Identifier: Apache-2.0
//
// The time that a run may take, what is left of it, and a line on stderr that says so.

#if ReportTools && canImport(Glibc)
import Foundation

final class Progress {
  private let begin = Date()
  private let seconds: Double
  private var isShown = false
  private var said = Date.distantPast
  private var partEnd: Double
  private var partBegin = 0.0

  init(minutes: Double) {
    seconds = minutes * 60
    partEnd = minutes * 60
  }

  var elapsed: Double { Date().timeIntervalSince(begin) }

  /// Begins a part that may take this share of what is left.
  func part(_ share: Double) {
    partBegin = elapsed
    partEnd = partBegin + max(seconds - partBegin, 0) * share
  }

  /// The seconds that the part may take in all.
  var partSeconds: Double { partEnd - partBegin }
  var isLeft: Bool { partLeft > 0 }
  /// The seconds of the part that are left; less than 0 when it has taken too long.
  var partLeft: Double { partEnd - elapsed }

  /// Says what is done now, twice a second at most.
  func say(_ what: String) {
    let now = Date()
    guard now.timeIntervalSince(said) > 0.5 else { return }
    said = now
    isShown = true
    let left = Int(max(seconds - elapsed, 0))
    let line = "access-audit-load: \(what), at most \(left / 60) min \(left % 60) s left"
    FileHandle.standardError.write(Data("\r\(line)\u{1B}[K".utf8))
  }

  func end() {
    if isShown { FileHandle.standardError.write(Data("\r\u{1B}[K".utf8)) }
    isShown = false
  }
}
#endif
