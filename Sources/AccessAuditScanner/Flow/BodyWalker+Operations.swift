// SPDX-License-Identifier: Apache-2.0
//
// Operations that are classes of the module: an object that a loop gives to each operation is used
// by all of them at once.

#if Scanner

import SwiftSyntax

extension BodyWalker {
  /// Records the arguments of an operation in a loop that existed before the loop.
  func handsOver(to type: TypeDeclaration, _ call: CallStep) {
    guard OneOfMany.isOperation(type), let loop = context.loops.last, index.serialOperationQueues.isEmpty else {
      return
    }
    let start = facts.loops[loop].start
    for argument in call.arguments {
      guard let label = argument.label?.text, let property = index.variable(label, in: type.name),
        property.isStored, !property.isStatic, property.initializer == nil, isOlder(argument.expression, than: start)
      else { continue }
      facts.handedToMany.insert(property.symbol)
    }
  }

  /// True for a local from before the loop, and for a stored property of `self`.
  private func isOlder(_ expression: ExprSyntax, than loop: Int) -> Bool {
    if let member = expression.as(MemberAccessExprSyntax.self) {
      return member.base?.trimmedDescription == "self" && isOwnStored(member.declName.baseName.text)
    }
    guard let name = expression.as(DeclReferenceExprSyntax.self)?.baseName.text else { return false }
    if name == "self" { return true }
    guard let local = lookup(name) else { return isOwnStored(name) }
    return local.local.map { facts.locals[$0].order < loop } ?? local.id.hasPrefix("parameter ")
  }

  private func isOwnStored(_ name: String) -> Bool {
    function.owner.flatMap { index.variable(name, in: $0) }?.isStored ?? false
  }

  /// Enters the code of one of many operations that run at once.
  func enterOneOfMany(_ offset: Int) {
    let id = facts.frames.count
    order += 1
    facts.frames.append(
      ConcurrentFrame(
        id: id, kind: .operation, start: order, end: order + 2, joined: nil, loops: context.loops,
        isParallelLoop: true, offset: offset, isMain: false,
        guards: context.held.filter { $0.kind == .queue || $0.kind == .lock }.map(\.id)))
    context.frames.append(id)
  }

  func leaveOneOfMany(_ before: BodyContext) {
    order += 1
    context = before
  }
}

/// The bodies that use an object which many operations were given.
enum OneOfMany {
  static func isOperation(_ type: TypeDeclaration) -> Bool {
    type.kind == .classType && (type.inherited.contains("Operation") || type.inherited.contains("Thread"))
  }

  /// True for the `main` of an operation or thread whose type is among those.
  static func runs(_ function: FunctionDeclaration, _ handed: Set<String>) -> Bool {
    guard function.name == "main", function.isOverride, let owner = function.owner else { return false }
    return handed.contains { $0.hasPrefix(owner + ".") }
  }
}

#endif
