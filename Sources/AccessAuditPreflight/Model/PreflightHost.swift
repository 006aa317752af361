// SPDX-License-Identifier: Apache-2.0
//
// What the stages need of the machine: programs, HTTP, time. The tool gives the real ones; tests
// give others.

#if Scanner && canImport(Glibc)

/// A request over HTTP.
package struct HTTPRequest: Sendable, Equatable {
  package var method: String
  package var url: String
  package var headers: [String: String]
  package var body: String?

  package init(_ method: String, _ url: String, headers: [String: String] = [:], body: String? = nil) {
    self.method = method
    self.url = url
    self.headers = headers
    self.body = body
  }
}

package struct HTTPReply: Sendable, Equatable {
  package var status: Int
  package var body: String

  package init(status: Int, body: String) {
    self.status = status
    self.body = body
  }
}

/// Why there was no reply.
package struct HTTPFailure: Error, CustomStringConvertible, Equatable {
  package var description: String

  package init(_ description: String) { self.description = description }
}

/// A program that runs beside the tool.
package protocol RunningProgram {
  /// Its status in the form of shells, once it has ended.
  func ended() -> Int32?
  /// Asks it to end, waits, and kills it afterwards.
  ///
  /// - Returns: its status, and whether it had to be killed.
  func stop(within seconds: Double) throws -> (status: Int32, wasKilled: Bool)
}

/// The machine that the checklist runs on.
package protocol PreflightHost {
  /// Whether a program can be found.
  func finds(_ program: String) -> Bool
  /// Runs a program to its end in the package's folder and reads what it prints.
  func run(_ command: Command, _ output: (ArraySlice<UInt8>) -> Void) throws -> Int32
  /// Starts a program in the package's folder; what it prints goes to a file.
  func start(_ command: Command, log: String) throws -> any RunningProgram
  func send(_ request: HTTPRequest) -> Result<HTTPReply, HTTPFailure>
  /// Waits; ends the tool when a signal has asked for it.
  func pause(_ seconds: Double) throws
  /// Tells of progress.
  func say(_ line: String)
}

extension PreflightHost {
  /// Runs a program and collects what it prints.
  func collect(_ command: Command) throws -> (status: Int32, output: String) {
    var bytes: [UInt8] = []
    let status = try run(command) { bytes += $0 }
    return (status, String(decoding: bytes, as: UTF8.self))
  }
}

#endif
