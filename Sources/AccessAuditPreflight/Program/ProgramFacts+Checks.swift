// SPDX-License-Identifier: Apache-2.0
//
// The judgement of what a program offers to the audit: one check for each fact, with the next step
// where one is missing.

#if Scanner && canImport(Glibc)

internal import AccessAuditReports

extension ProgramFacts {
  /// Below this share of functions with a frame pointer, the program was built without them. Of a
  /// small program's functions, 67 % (release) and 73 % (debug) set it, and 0 and 5 % when the
  /// build omits it; the others of a build that keeps it are small accessors.
  private static let leastShare = 0.5

  func checks(name: String, expecting audit: PreflightConfiguration.Build.Audit, image: String) -> [Check] {
    var checks = [auditCheck(name, audit)]
    // A program without the audit needs none of the rest.
    guard audit == .compiledIn else { return checks }
    checks.append(
      buildID.map { Check("\(name): build ID", .passed, "\(name) has the build ID \($0)") }
        ?? Check(
          "\(name): build ID", .failed, "\(name) has no build ID, so that its frames cannot be named later",
          next: "link with a build ID: -Xlinker --build-id"))
    checks.append(symbolCheck(name))
    checks.append(frameCheck(name))
    checks.append(unwinderCheck(name, image))
    return checks
  }

  private func auditCheck(_ name: String, _ expected: PreflightConfiguration.Build.Audit) -> Check {
    let label = "\(name): audit"
    switch (audit, expected) {
    case (.compiledIn, .compiledIn): return Check(label, .passed, "the audit is compiled into \(name)")
    case (.compiledOut, .compiledOut): return Check(label, .passed, "auditing is compiled out of \(name)")
    case (.absent, .compiledOut): return Check(label, .passed, "\(name) holds no audit")
    case (.compiledIn, .compiledOut):
      return Check(
        label, .failed, "the audit is compiled into \(name), which is to carry nothing of it",
        next: "build in release, without the trait AuditInRelease")
    case (.compiledOut, .compiledIn):
      return Check(
        label, .failed, "auditing is compiled out of \(name): a release build without the trait AuditInRelease",
        next: "enable the trait AuditInRelease of swift-access-audit, or build in debug")
    case (.absent, .compiledIn):
      return Check(
        label, .failed, "\(name) holds no audit: it is built without AuditedCollections",
        next: "put the audit in: access-audit instrument; or expect none: preflight: build: audit: out")
    case (.unknown, _):
      return Check(label, .failed, "\(path) cannot be read as a program", next: "name a product that is a program")
    }
  }

  private func symbolCheck(_ name: String) -> Check {
    let label = "\(name): symbols"
    switch symbols {
    case .lines: return Check(label, .passed, "\(name) has names and lines")
    case .separate(let file): return Check(label, .passed, "the symbols of \(name) are in \(file)")
    case .names:
      return Check(label, .warning, "\(name) has names but no lines", next: "build with debug information: -Xswiftc -g")
    case .none:
      return Check(
        label, .failed, "\(name) is stripped, and no file of the same build ID has its symbols",
        next: "keep the symbols (objcopy --only-keep-debug) and name their folder: preflight: build: symbols: [FOLDER]")
    }
  }

  private func frameCheck(_ name: String) -> Check {
    let label = "\(name): frame pointers"
    guard let share = framePointers else {
      return Check(label, .warning, "whether \(name) has frame pointers cannot be told without its symbols")
    }
    let percent = "\(Int((share * 100).rounded())) %"
    guard share >= Self.leastShare else {
      return Check(
        label, .failed,
        "only \(percent) of the Swift functions of \(name) set the frame pointer: each stack is unwound slowly",
        next: "build with frame pointers: --no-omit-frame-pointers")
    }
    return Check(label, .passed, "\(percent) of the Swift functions of \(name) set the frame pointer")
  }

  private func unwinderCheck(_ name: String, _ image: String) -> Check {
    let label = "\(name): libunwind"
    guard !unwinders.isEmpty else { return Check(label, .passed, "\(name) needs no library of libunwind") }
    let missing = missingUnwinders(in: image)
    let place = image == "/" ? "this machine" : image
    guard missing.isEmpty else {
      return Check(
        label, .failed, "\(missing.joined(separator: " and ")) is missing in \(place): the program will not start",
        next: "install libunwind in the image: apt-get install libunwind8")
    }
    return Check(
      label, .passed, "\(unwinders.joined(separator: " and ")) \(unwinders.count == 1 ? "is" : "are") in \(place)")
  }
}

#endif
