// SPDX-License-Identifier: Apache-2.0
//
// The machine and the build that numbers come from.

#if ReportTools && canImport(Glibc)
import AccessTraffic
import Foundation

extension LoadReport.Machine {
  static var current: Self {
    func file(_ path: String) -> String { (try? String(contentsOfFile: path, encoding: .utf8)) ?? "" }
    let model = file("/proc/cpuinfo").split(separator: "\n").first { $0.hasPrefix("model name") }?.split(separator: ":")
    return Self(
      processor: model?.last.map { $0.trimmingCharacters(in: .whitespaces) } ?? "unknown processor",
      cores: ProcessInfo.processInfo.activeProcessorCount,
      kernel: file("/proc/sys/kernel/osrelease").trimmingCharacters(in: .whitespacesAndNewlines),
      load: Double(file("/proc/loadavg").split(separator: " ").first ?? "") ?? 0, swift: swiftVersion,
      isOptimized: isOptimized, isAudited: isAudited)
  }

  private static var swiftVersion: String {
    #if swift(>=6.4)
    "Swift 6.4 or newer"
    #else
    "Swift 6.3"
    #endif
  }

  static var isOptimized: Bool {
    #if DEBUG
    false
    #else
    true
    #endif
  }

  static var isAudited: Bool {
    #if AUDITED
    true
    #else
    false
    #endif
  }
}

/// Errors that end the lab with a particular status, as the tool does.
enum LabError {
  static func say(_ message: String) {
    FileHandle.standardError.write(Data("access-audit-load: \(message)\n".utf8))
  }

  static func failure(_ message: String) -> any Error {
    say("error: \(message)")
    return LabStatus.internalError
  }

  static func usage(_ message: String) -> any Error {
    say("error: \(message)")
    return LabStatus.usage
  }

  static func system(_ what: String, _ code: Int32) -> any Error {
    failure("\(what): \(String(cString: strerror(code)))")
  }
}
#endif
