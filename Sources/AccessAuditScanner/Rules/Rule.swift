// SPDX-License-Identifier: Apache-2.0
//
// The protocol of a rule, the facts that a rule reads, and the table of all rules. A rule changes
// nothing.

#if Scanner

/// The facts that a rule may read.
struct RuleContext: Sendable {
  let index: ModuleIndex
  let bodies: [BodyFacts]
  let propagation: Propagation
  let profiles: [VariableProfile]
  let sources: [SourceText]
  /// Files whose top-level code is the program.
  let scripts: Set<Int>
}

/// A rule: its description and its code.
protocol Rule: Sendable {
  static var descriptor: RuleDescriptor { get }
  static func findings(_ context: RuleContext) -> [Finding]
}

/// The table of rules, in the order of the documentation.
public enum RuleTable {
  static let rules: [any Rule.Type] = [
    UnprotectedProperty.self, CapturedVariable.self, MutableGlobal.self, GuardedElsewhere.self, UnguardedRead.self,
    EarlyUnlock.self, MissingBarrier.self, TwoGuards.self, LockInStruct.self, CheckThenAct.self, KeptIndex.self,
    NonisolatedUnsafe.self, UncheckedSendable.self, SharedLazy.self, ActorEscape.self,
  ]

  /// The descriptions of all rules.
  public static var descriptors: [RuleDescriptor] { rules.map { $0.descriptor } }

  /// The IDs of all rules.
  public static var ids: Set<String> { Set(descriptors.map(\.id)) }
}

extension RuleContext {
  /// The line of an access, for a message.
  func line(_ access: SharedAccess) -> Int {
    sources[access.function.file].position(of: access.record.start).line
  }

  func place(_ access: SharedAccess) -> SourcePlace {
    sources[access.function.file].place(access.record.start, access.record.end)
  }

  /// Makes a finding at an access, with the conflicting access and the declaration as related
  /// places.
  func finding(
    _ rule: RuleDescriptor, _ profile: VariableProfile, at access: SharedAccess, against other: SharedAccess?,
    _ message: String, severity: Severity? = nil
  ) -> Finding {
    var related: [RelatedPlace] = []
    if let other, place(other) != place(access) || other.function.file != access.function.file {
      let verb = other.record.isWrite ? "written" : "read"
      related.append(RelatedPlace(place: place(other), label: "\(verb) here\(protection(other))"))
    }
    related.append(RelatedPlace(place: declaration(of: profile.variable), label: "declared here"))
    return Finding(
      rule: rule.id, severity: severity ?? rule.severity, message: message, symbol: profile.variable.symbol,
      function: access.function.symbol, place: place(access), related: related, fingerprint: "")
  }

  /// Findings about what a comment confines to one thread are notes.
  func lowered(_ findings: [Finding]) -> [Finding] {
    var words: [String: String] = [:]
    for profile in profiles {
      words[profile.variable.symbol] =
        profile.variable.confinement ?? profile.owner?.confinement
        ?? profile.accesses.lazy.compactMap(\.function.confinement).first
    }
    return findings.map { finding in
      guard let said = words[finding.symbol], finding.severity > .note else { return finding }
      return Finding(
        rule: finding.rule, severity: .note, message: "\(finding.message); a comment says: \(said)",
        symbol: finding.symbol, function: finding.function, place: finding.place, related: finding.related,
        fingerprint: finding.fingerprint, suppression: finding.suppression)
    }
  }

  func declaration(of variable: VariableDeclaration) -> SourcePlace {
    sources[variable.file].place(variable.nameOffset, variable.nameEnd)
  }

  /// ` under 'lock'`, or ` with no protection`.
  func protection(_ access: SharedAccess) -> String {
    let names = access.held.filter { $0.kind != .implicit && $0.kind != .promise }.map { guardName($0.id) }
    guard let first = names.first else {
      if let frame = access.frame { return " in \(frame.kind.rawValue), with no protection" }
      return " with no protection"
    }
    return " under '\(first)'"
  }

  /// A guard's name as it appears in the source.
  func guardName(_ id: String) -> String {
    if id.hasPrefix("local ") { return String(id.dropFirst(6).prefix { $0 != "#" }) }
    if id == "MainActor" { return "the main actor" }
    return id.replacing(":", with: ".")
  }

  /// ` in a task`, where the access runs elsewhere.
  func whereabouts(_ access: SharedAccess) -> String {
    access.frame.map { " in \($0.kind.rawValue)" } ?? ""
  }
}

#endif
