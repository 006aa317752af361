// SPDX-License-Identifier: Apache-2.0
// Shape: the readability handlers of two pipes append to one local array while the caller waits for the process alone.
// expect: captured-variable chunks
import Foundation

func output(of command: String) throws -> [Data] {
  var chunks: [Data] = []
  let process = Process()
  let out = Pipe()
  let err = Pipe()
  process.executableURL = URL(fileURLWithPath: "/bin/sh")
  process.arguments = ["-c", command]
  process.standardOutput = out
  process.standardError = err
  out.fileHandleForReading.readabilityHandler = { handle in
    chunks.append(handle.availableData)
  }
  err.fileHandleForReading.readabilityHandler = { handle in
    chunks.append(handle.availableData)
  }
  try process.run()
  process.waitUntilExit()
  return chunks
}
