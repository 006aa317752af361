// SPDX-License-Identifier: Apache-2.0
//
// The time until a process has made its first access: without the audit, with it off, and with it
// on, in turn.

import CMeasurement
import Foundation

enum StartUp {
  /// Runs the programs in turn; prints milliseconds from the start of the process to its end.
  static func measure(plain: String, audited: String, rounds: Int) {
    let variants = [("plain", plain, nil), ("off", audited, nil), ("on", audited, "1")] as [(String, String, String?)]
    var times = [[Double]](repeating: [], count: variants.count)
    for round in 0...rounds {
      for offset in variants.indices {
        // Each variant comes first, second and last equally often; the first round reads the files.
        let index = (offset + round) % variants.count
        let milliseconds = run(variants[index].1, audit: variants[index].2)
        if round > 0 { times[index].append(milliseconds) }
      }
    }
    for (variant, values) in zip(variants, times) {
      print("{\"measure\":\"start-up \(variant.0)\",\"build\":\"\(Build.name)\",\"values\":\(values)}")
    }
  }

  private static func run(_ program: String, audit: String?) -> Double {
    var environment: [UnsafeMutablePointer<CChar>?] =
      ProcessInfo.processInfo.environment
      .filter { $0.key != "ACCESS_AUDIT" }
      .map { strdup("\($0.key)=\($0.value)") }
    if let audit { environment.append(strdup("ACCESS_AUDIT=\(audit)")) }
    environment.append(nil)
    var arguments = [strdup(program), nil]
    defer { (environment + arguments).forEach { free($0) } }
    var child: pid_t = 0
    var status: Int32 = 0
    let begin = measurement_nanoseconds()
    precondition(
      posix_spawn(&child, program, nil, nil, &arguments, &environment) == 0, "\(program) could not be started")
    waitpid(child, &status, 0)
    let milliseconds = Double(measurement_nanoseconds() - begin) / 1e6
    precondition(status == 0, "\(program) ended with status \(status)")
    return milliseconds
  }
}
