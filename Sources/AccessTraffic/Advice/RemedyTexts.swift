// SPDX-License-Identifier: Apache-2.0
//
// What each model costs, when it is wrong, and the line of code that it takes. Texts; the page
// "Choosing a dictionary" of ConcurrentCollections says more.

#if REPORTS && canImport(Glibc)

internal import AccessTerms

extension Remedy {
  var costs: String {
    switch self {
    case .none: "Nothing."
    case .actor: "A message for each use from outside, and 'await' at each place."
    case .mutex: "Two atomic instructions for each use; threads take turns."
    case .locked: "Two atomic instructions for each operation; threads take turns."
    case .readWrite:
      "As a LockedDictionary; readers are beside each other while writes are rare, for 128 bytes for each of twice the "
        + "cores."
    case .sharded: "40 KiB on two cores, and half as much memory again for the elements."
    case .readMostly: "An allocation for each write and each element; up to 4,096 replaced values live longer."
    case .serial: "A message for each operation, some ten times a lock's cost, and 'await' at each place."
    case .safe: "Two readings of the clock and the counters for each operation, and 'try await' at each place."
    }
  }

  var wrongWhen: String {
    switch self {
    case .none: "another thread comes to use it that was not seen in this recording."
    case .actor: "a caller cannot await, or it is used many thousands of times a second."
    case .mutex: "what is done under the lock takes long: everyone waits."
    case .locked: "many cores use it all the time, or a closure under the lock takes long: everyone waits."
    case .readWrite: "a reader may hold on for long while writers must be quick, or writes become frequent."
    case .sharded:
      "one key gets most of the traffic, several keys must change together, or snapshots and 'count' are frequent."
    case .readMostly: "writes become frequent, or values are large collections that are changed in place."
    case .serial: "a caller cannot await, or short operations come in large numbers."
    case .safe: "others use the wrapped dictionary directly, or a caller cannot await."
    }
  }
}

/// The line of code to change, from what the recording knows of the declaration.
struct DeclarationLine {
  let variable: String
  let type: String
  let label: String?
  let kind: String

  init(_ group: TrafficReport.Group) {
    variable = Self.identifier(group.declaration) ?? Self.identifier(group.label) ?? "values"
    type = TextEscaping.printable(group.type)
    label = group.label
    kind = group.kind
  }

  private static func identifier(_ text: String?) -> String? {
    guard let last = text?.split(separator: ".").last, let first = last.first, first.isLetter || first == "_",
      last.allSatisfy({ $0.isLetter || $0.isNumber || $0 == "_" })
    else { return nil }
    return String(last)
  }

  /// The type's arguments with their brackets.
  private var arguments: String { type.firstIndex(of: "<").map { String(type[$0...]) } ?? "" }

  var before: String { kind == "variable" ? "@Audited var \(variable)" : "var \(variable): \(type)" }

  func after(_ remedy: Remedy) -> String {
    let plain = type.hasPrefix("Audited") ? String(type.dropFirst("Audited".count)) : type
    switch remedy {
    case .none: return before
    case .actor:
      return kind == "variable"
        ? "actor Owner { var \(variable) }" : "actor Owner { var \(variable): \(plain) = \(empty) }"
    case .mutex:
      return kind == "variable"
        ? "let \(variable) = Mutex(…)" : "let \(variable) = Mutex<\(plain)>(\(empty))"
    case .safe: return "let \(variable) = SafeDictionary(ShardedDictionary\(arguments)(), configuration: …)"
    default: return "let \(variable) = \(remedy.name)\(arguments)()"
    }
  }

  private var empty: String { kind == "dictionary" ? "[:]" : "[]" }
}

extension Advice {
  /// For people at a terminal.
  package var text: String {
    var lines = ["\(TextEscaping.printable(collection)): \(name)"]
    lines += reasons.map { "  \($0)" }
    lines.append("  Costs: \(costs)")
    lines.append("  Wrong when \(wrongWhen)")
    if let runnerUpName { lines.append("  Runner-up: \(runnerUpName)") }
    if !nanoseconds.isEmpty {
      let times = nanoseconds.sorted { ($0.value, $0.key) < ($1.value, $1.key) }
      lines.append(
        "  Measured, in ns an operation: "
          + times.map { "\($0.key) \(Numbers.fixed($0.value))" }.joined(separator: ", "))
    }
    if before != after { lines += ["  - \(before)", "  + \(after)"] }
    return lines.joined(separator: "\n") + "\n"
  }
}

#endif
