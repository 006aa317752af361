// SPDX-License-Identifier: Apache-2.0
//
// Makes the summaries of the module's own helpers from a first walk: one level of inference, no
// fixed point.

#if Scanner

import SwiftSyntax

extension FunctionSummary {
  /// The summary of a body that was walked without any summary; `nil` when the body has no effect
  /// that a summary describes.
  init?(_ facts: BodyFacts, of function: FunctionDeclaration) {
    let usesLocks = !facts.acquires.isEmpty || !facts.releases.isEmpty
    guard usesLocks || function.parameters.contains(where: \.isFunction) else { return nil }
    if function.kind == .function { acquires = facts.acquires }
    let acquired = Set(acquires.map(\.id))
    // Released without having been taken: the body releases its caller's lock.
    if function.kind == .function, acquires.isEmpty {
      releases = facts.releases.filter { !acquired.contains($0) && !facts.locked.contains($0) }
    }
    for (position, parameter) in function.parameters.enumerated() where parameter.isFunction {
      let uses = facts.parameterUses.filter { $0.parameter == position }
      if let elsewhere = uses.first(where: { $0.frameKind != nil }), let kind = elsewhere.frameKind {
        parameters[position] = .elsewhere(kind, FunctionSummary.locks(elsewhere.held), isMain: elsewhere.isMain)
      } else if let first = uses.first {
        let common = uses.dropFirst().reduce(FunctionSummary.locks(first.held)) { $0.intersection($1.held) }
        parameters[position] = .inline(common)
      } else if parameter.isEscaping, !parameter.isSendable {
        parameters[position] = .stored
      }
    }
  }

  private static func locks(_ guards: [Guard]) -> [Guard] {
    guards.filter { $0.kind == .lock || $0.kind == .queue || $0.id == "MainActor" }
  }

  /// True for a function whose summary is worth a first walk.
  static func isWorthWalking(_ function: FunctionDeclaration) -> Bool {
    guard function.kind == .function else { return false }
    if function.parameters.contains(where: \.isFunction) { return true }
    guard function.body.count <= 3 else { return false }
    let text = function.body.trimmedDescription
    return text.utf8.count < 400 && (text.contains("ock") || text.contains("wait") || text.contains("signal"))
  }
}

#endif
