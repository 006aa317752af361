// SPDX-License-Identifier: Apache-2.0
//
// The subcommand `diagnostics`: whether a program can be audited here, and what reports will be
// able to say of it. Looks only.

#if ReportTools && canImport(Glibc)
import AccessAuditReports
import AccessReports
import AccessTerms
import ArgumentParser
import Foundation

/// `access-audit diagnostics`.
struct DiagnosticsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "diagnostics", abstract: "Checks a program and its surroundings before a run.",
    discussion: """
      Without a program: the version, the options in ACCESS_AUDIT, and what the machine offers. With one: whether it \
      holds the audit, and whether its frames will have names and lines. What a running program finds of itself is in \
      AccessAudit.diagnostics().

      Exit status: 0; 69 when the program is not audited; 64 when the usage is wrong, or ACCESS_AUDIT has an option \
      that would be ignored.

      Example: access-audit diagnostics .build/debug/shop
      """)

  @Argument(help: "The program to check.", completion: .file())
  var program: String?

  func run() throws {
    print("access-audit \(PackageVersion.text)")
    let value = ProcessInfo.processInfo.environment["ACCESS_AUDIT"]
    let options = EnvironmentSwitch.read(value)
    let state = options.configuration.isEnabled ? "on" : "off"
    print("ACCESS_AUDIT: \(value.map { "'\(TextEscaping.printable($0))', auditing is \(state)" } ?? "unset")")
    for warning in options.warnings { print("  warning: \(warning)") }
    // RLIMIT_NOFILE, RLIMIT_CORE, RLIMIT_AS.
    print("limits: \(limit(7)) open files, core dumps of \(limit(4)) bytes, address space of \(limit(9)) bytes")
    guard let program else {
      if !options.warnings.isEmpty { throw ToolStatus.usage }
      return
    }
    let file = ProgramFile(named: program)
    guard access(file.path, R_OK) == 0 else { throw ToolError.failure("\(file.path): cannot be read") }
    print("program: \(file.path)")
    switch file.audit {
    case .compiledIn: print("audit: compiled in")
    case .compiledOut: print("audit: compiled out, a release build: build in debug, or with the trait AuditInRelease")
    case .absent: print("audit: none: it is built without AuditedCollections")
    case .unknown: print("audit: it is no 64-bit ELF program, so this cannot be told")
    }
    print("build ID: \(file.buildID ?? "none: its frames cannot be named later")")
    print("symbols: \(ProgramSymbols.describe(file.path))")
    if file.audit == .absent || file.audit == .compiledOut { throw ToolStatus.notAudited }
    if !options.warnings.isEmpty { throw ToolStatus.usage }
  }

  private func limit(_ resource: UInt32) -> String {
    var limit = rlimit()
    guard getrlimit(__rlimit_resource_t(resource), &limit) == 0 else { return "?" }
    return limit.rlim_cur == rlim_t.max ? "unlimited" : String(limit.rlim_cur)
  }
}
#endif
