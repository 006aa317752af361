// SPDX-License-Identifier: Apache-2.0
//
// The stages of a trial: their times, and what is said while they last. Standard error only.

#if Scanner && canImport(Glibc)
import AccessAuditOverlay
import CProcessSupport
import Foundation
import Glibc

/// The stages that were gone through, in order.
final class StageLog {
  struct Stage {
    var name: String
    var seconds: Double
    /// Processor time of the tool and of the programs that it has waited for: on a busy machine, it
    /// says more than the time that passed.
    var processorSeconds: Double
  }

  private(set) var stages: [Stage] = []
  private let begin = ContinuousClock.now

  var total: Double { Self.seconds(since: begin) }

  /// Measures a stage; one that comes again adds to its time.
  func measure<Result>(_ name: String, _ body: () throws -> Result) rethrows -> Result {
    let (start, used) = (ContinuousClock.now, process_processor_seconds())
    defer {
      add(Stage(name: name, seconds: Self.seconds(since: start), processorSeconds: process_processor_seconds() - used))
    }
    return try body()
  }

  private func add(_ stage: Stage) {
    if let known = stages.firstIndex(where: { $0.name == stage.name }) {
      stages[known].seconds += stage.seconds
      stages[known].processorSeconds += stage.processorSeconds
    } else {
      stages.append(stage)
    }
  }

  static func seconds(since start: ContinuousClock.Instant) -> Double {
    let duration = ContinuousClock.now - start
    return Double(duration.components.seconds) + Double(duration.components.attoseconds) / 1e18
  }

  /// `0.4 s`, `75 s`.
  static func text(_ seconds: Double) -> String {
    seconds < 10 ? "\(Double(Int(seconds * 10)) / 10) s" : "\(Int(seconds)) s"
  }
}

/// Shows how far a build is: on a terminal in one line, elsewhere every few seconds.
struct BuildProgress {
  private var rest: [UInt8] = []
  private var shown = ContinuousClock.now
  private let isTerminal = isatty(STDERR_FILENO) == 1
  private var isOnLine = false

  /// Seconds between two lines where there is no terminal.
  private static let interval = 10.0

  mutating func read(_ bytes: some Collection<UInt8>) {
    rest += bytes
    while let end = rest.firstIndex(of: 0x0A) {
      show(String(decoding: rest[..<end], as: UTF8.self))
      rest.removeSubrange(...end)
    }
  }

  private mutating func show(_ line: String) {
    guard BuildOutput.isProgress(line) || line.hasPrefix("Fetching") || line.hasPrefix("Creating working copy") else {
      return
    }
    if isTerminal {
      write("\r\u{1B}[K" + String(line.prefix(100)))
      isOnLine = true
    } else if StageLog.seconds(since: shown) >= Self.interval {
      ToolError.say(line)
      shown = .now
    }
  }

  mutating func end() {
    if isOnLine { write("\r\u{1B}[K") }
    isOnLine = false
  }

  private func write(_ text: String) { FileHandle.standardError.write(Data(text.utf8)) }
}
#endif
