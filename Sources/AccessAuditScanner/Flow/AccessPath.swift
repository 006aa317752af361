// SPDX-License-Identifier: Apache-2.0
//
// Splits an expression such as `self.cache[key]?.append(x)` into its root and steps. Nothing here
// resolves names.

#if Scanner

import SwiftSyntax

/// Where an access path begins.
enum PathRoot {
  case own
  case name(String)
  case implicitMember
  case other(ExprSyntax)
}

/// A call's arguments and trailing closures.
struct CallStep {
  var arguments: LabeledExprListSyntax
  var trailing: ClosureExprSyntax?
  var additional: MultipleTrailingClosureElementListSyntax
  var node: FunctionCallExprSyntax
}

/// One step of an access path.
enum PathStep {
  case member(String)
  case call(CallStep)
  case subscripted(LabeledExprListSyntax, ClosureExprSyntax?)
  /// `?` or `!`.
  case unwrap
}

/// An expression as a root and its steps, in the order of evaluation.
struct AccessPath {
  var root: PathRoot
  var steps: [PathStep]
  /// Where the root ends, and where each step ends, in UTF-8 bytes.
  var ends: [Int]

  /// Splits `expression`. A loop instead of recursion, so that a long chain of calls cannot
  /// exhaust the stack.
  ///
  /// - Complexity: O(*n*) in the number of steps.
  init(_ expression: ExprSyntax) {
    var steps: [PathStep] = []
    var ends: [Int] = []
    var current = expression
    var found: PathRoot?
    while found == nil {
      let before = steps.count
      let end = current.endPositionBeforeTrailingTrivia.utf8Offset
      defer { if steps.count > before { ends.append(end) } }
      switch current.kind {
      case .functionCallExpr:
        let call = current.cast(FunctionCallExprSyntax.self)
        steps.append(
          .call(
            CallStep(
              arguments: call.arguments, trailing: call.trailingClosure, additional: call.additionalTrailingClosures,
              node: call)))
        current = call.calledExpression
      case .subscriptCallExpr:
        let call = current.cast(SubscriptCallExprSyntax.self)
        steps.append(.subscripted(call.arguments, call.trailingClosure))
        current = call.calledExpression
      case .memberAccessExpr:
        let member = current.cast(MemberAccessExprSyntax.self)
        steps.append(.member(member.declName.baseName.text))
        guard let base = member.base else {
          found = .implicitMember
          break
        }
        current = base
      case .optionalChainingExpr:
        steps.append(.unwrap)
        current = current.cast(OptionalChainingExprSyntax.self).expression
      case .forceUnwrapExpr:
        steps.append(.unwrap)
        current = current.cast(ForceUnwrapExprSyntax.self).expression
      case .genericSpecializationExpr:
        current = current.cast(GenericSpecializationExprSyntax.self).expression
      case .tupleExpr:
        let tuple = current.cast(TupleExprSyntax.self)
        if tuple.elements.count == 1, let only = tuple.elements.first, only.label == nil {
          current = only.expression
        } else {
          found = .other(current)
        }
      case .declReferenceExpr:
        let name = current.cast(DeclReferenceExprSyntax.self).baseName.text
        found = name == "self" ? .own : .name(name)
      case .superExpr: found = .own
      default: found = .other(current)
      }
    }
    root = found ?? .other(expression)
    self.steps = steps.reversed()
    let rootEnd = found.map {
      if case .implicitMember = $0 { 0 } else { current.endPositionBeforeTrailingTrivia.utf8Offset }
    }
    self.ends = [rootEnd ?? 0] + ends.reversed()
  }
}

/// The text of a key, as the rules compare it.
func keyText(_ expression: ExprSyntax) -> String {
  let text = expression.trimmedDescription
  return text.utf8.count <= 120 ? text : String(text.prefix(120))
}

#endif
