// SPDX-License-Identifier: Apache-2.0
//
// Go's side, a process that is idle until it gets a command to run one cell. Commands and results
// are lines.

import ArgumentParser
import Foundation

/// The running program of Go's side.
final class GoProgram {
  /// In the order of the program's own list.
  static let names = [mutexMap, rwMutexMap, syncMap, shardedMap]
  static let mutexMap = "Go map + Mutex"
  static let rwMutexMap = "Go map + RWMutex"
  static let syncMap = "Go sync.Map"
  static let shardedMap = "Go sharded map"

  private let process = Process()
  private let commands = Pipe()
  private let answers = Pipe()
  private var received: [UInt8] = []

  init(path: String) throws {
    process.executableURL = URL(fileURLWithPath: path)
    process.standardInput = commands
    process.standardOutput = answers
    try process.run()
  }

  /// Makes the maps of one panel.
  func makePanel(_ kind: KeyKind, keys: Int, _ distribution: Distribution) throws {
    try tell("panel \(kind.rawValue) \(keys) \(distribution.rawValue)")
  }

  /// Runs one map under one combination of circumstances.
  func run(_ name: String, _ circumstances: Circumstances, seconds: Double) throws -> Cell {
    guard let number = Self.names.firstIndex(of: name) else { throw ValidationError("no map of Go's called \(name)") }
    try tell("run \(number) \(circumstances.readPercent) \(circumstances.threads) \(seconds)")
    let cell = try JSONDecoder().decode(Cell.self, from: answer())
    guard cell.subject == name else { throw ValidationError("asked Go for \(name), got \(cell.subject)") }
    return cell
  }

  private func tell(_ command: String) throws {
    try commands.fileHandleForWriting.write(contentsOf: Data("\(command)\n".utf8))
  }

  private func answer() throws -> Data {
    while true {
      if let end = received.firstIndex(of: UInt8(ascii: "\n")) {
        defer { received.removeFirst(end + 1) }
        return Data(received[..<end])
      }
      let more = answers.fileHandleForReading.availableData
      guard !more.isEmpty else { throw ValidationError("the Go program has ended") }
      received += more
    }
  }

  func end() {
    try? commands.fileHandleForWriting.close()
    process.waitUntilExit()
  }
}
