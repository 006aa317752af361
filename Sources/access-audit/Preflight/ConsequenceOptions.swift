// SPDX-License-Identifier: Apache-2.0
//
// What the command line asks to happen after the checklist: silences, notifications, and the hook
// of git. Nothing of it happens unasked. Secrets come from the environment.

#if Scanner && canImport(Glibc)
import AccessAuditPreflight
import ArgumentParser
import Foundation
import Glibc

struct ConsequenceOptions: ParsableArguments {
  @Flag(help: "When all stages pass: silence the configured alerts for the deployment.")
  var silence = false

  @Flag(help: "Lift the silence that --silence has made, and end.")
  var liftSilence = false

  @Option(help: "With --lift-silence: the silence's ID, where another machine has made it.")
  var silenceID: String?

  @Flag(help: "Notify the configured webhook of a failure, in PagerDuty's form; a success resolves it.")
  var notify = false

  @Flag(help: "Write a hook for git that refuses the push of a tag when the checklist fails, and end.")
  var installHook = false

  @Flag(help: "Remove that hook, and end.")
  var removeHook = false

  func validate() throws {
    if [liftSilence, installHook, removeHook].count(where: { $0 }) > 1 {
      throw ValidationError("--lift-silence, --install-hook and --remove-hook exclude each other.")
    }
    if silenceID != nil, !liftSilence { throw ValidationError("--silence-id needs --lift-silence.") }
  }

  private static func silenceFile(_ root: String) -> String { "\(root)/.build/access-audit/silence" }

  /// Does what is done without the checklist; tells whether that was asked.
  func actAlone(_ settings: PreflightConfiguration, root: String, configurationPath: String?) throws -> Bool {
    if liftSilence {
      try lift(settings.consequences, root: root)
    } else if installHook {
      let path = configurationPath.map { URL(fileURLWithPath: $0).standardizedFileURL.path }
      let arguments = ["--package-path", root] + (path.map { ["--config", $0] } ?? [])
      let folder = try Self.hookFolder(root)
      let hook = try ToolError.usage {
        try PushHook.install(folder: folder, tool: MachineHost.tool, arguments: arguments)
      }
      print("wrote \(hook)")
    } else if removeHook {
      let folder = try Self.hookFolder(root)
      print(
        try ToolError.usage { try PushHook.remove(folder: folder) } ? "removed \(folder)/pre-push" : "there is no hook")
    } else {
      return false
    }
    return true
  }

  private static func hookFolder(_ root: String) throws -> String {
    let program = PipedProgram(arguments: ["git", "rev-parse", "--git-path", "hooks"], folder: root)
    let (status, output) = try program.collect()
    guard status.exitStatus == 0 else { throw ToolError.failure("\(root) is in no repository of git") }
    let path = output.filter { $0 != "\n" }
    return path.hasPrefix("/") ? path : "\(root)/\(path)"
  }

  private func lift(_ settings: PreflightConfiguration.Consequences, root: String) throws {
    guard let configured = settings.silence else {
      throw ToolError.failure("preflight: consequences: silence is not configured")
    }
    let file = Self.silenceFile(root)
    let kept = FileManager.default.contents(atPath: file).map { String(decoding: $0, as: UTF8.self) }
    guard let id = silenceID ?? kept?.trimmingCharacters(in: .whitespacesAndNewlines) else {
      throw ToolError.failure("no silence is known here: give its ID by --silence-id")
    }
    let host = MachineHost(root: root, secretVariables: [])
    let silence = AlertmanagerSilence(configured, environment: ProcessInfo.processInfo.environment, host: host)
    do {
      try silence.lift(id)
    } catch {
      ToolError.say(SecretVariables(settings).redaction.apply(to: "error: the silence \(id) is not lifted: \(error)"))
      throw ToolStatus.consequence
    }
    if silenceID == nil { try? FileManager.default.removeItem(atPath: file) }
    print("lifted the silence \(id)")
  }

  /// Checks that what is asked can be done.
  func prepare(_ settings: PreflightConfiguration.Consequences, host: MachineHost) throws -> DrawnConsequences {
    let environment = ProcessInfo.processInfo.environment
    var drawn = DrawnConsequences(redaction: SecretVariables(settings).redaction)
    if silence {
      guard let configured = settings.silence else {
        throw ToolError.failure("--silence needs preflight: consequences: silence in the configuration")
      }
      drawn.silence = AlertmanagerSilence(configured, environment: environment, host: host)
    }
    if notify {
      guard let configured = settings.pagerDuty else {
        throw ToolError.failure("--notify needs preflight: consequences: pagerduty in the configuration")
      }
      drawn.event = try ToolError.usage { try PagerDutyEvent(configured, environment: environment, host: host) }
    }
    return drawn
  }

  /// The consequences that are asked for.
  struct DrawnConsequences {
    var redaction: Redaction
    var silence: AlertmanagerSilence?
    var event: PagerDutyEvent?

    /// Draws them; tells whether all could be.
    func act(on result: PreflightResult, root: String) -> Bool {
      var succeeded = true
      func attempt(_ name: String, _ body: () throws -> Void) {
        do {
          try body()
        } catch {
          ToolError.say(redaction.apply(to: "error: \(name): \(error)"))
          succeeded = false
        }
      }
      if let silence, result.isReady {
        attempt("no silence is made") {
          let id = try silence.make()
          ToolError.say("made the silence \(id); lift it: access-audit preflight --lift-silence")
          try Data("\(id)\n".utf8).write(to: URL(fileURLWithPath: ConsequenceOptions.silenceFile(root)))
        }
      }
      if let event {
        attempt("the webhook is not notified") {
          try event.send(result)
          ToolError.say("notified the webhook")
        }
      }
      return succeeded
    }
  }
}

/// The environment variables that hold secrets.
struct SecretVariables {
  let names: [String]

  init(_ consequences: PreflightConfiguration.Consequences) {
    names = [
      consequences.silence?.tokenVariable ?? PreflightConfiguration.Silence(alertmanager: "").tokenVariable,
      consequences.pagerDuty?.keyVariable ?? PreflightConfiguration.PagerDuty().keyVariable,
    ]
  }

  var redaction: Redaction {
    let environment = ProcessInfo.processInfo.environment
    return Redaction(names.compactMap { environment[$0] })
  }
}

/// Keeps two runs in one folder apart.
final class FolderLock {
  private let descriptor: Int32

  /// Waits for another run that has the lock.
  init(_ folder: String, name: String) throws {
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    descriptor = open("\(folder)/\(name)", O_RDWR | O_CREAT | O_CLOEXEC, 0o644)
    guard descriptor >= 0 else { throw ToolError.systemFailure("\(folder)/\(name)", errno) }
    guard flock(descriptor, LOCK_EX | LOCK_NB) != 0 else { return }
    ToolError.say("another run uses \(folder); waiting until it has ended")
    while flock(descriptor, LOCK_EX) != 0 {
      guard errno == EINTR else { throw ToolError.systemFailure("\(folder)/\(name)", errno) }
      try Interruption.check()
    }
  }

  deinit { close(descriptor) }
}
#endif
