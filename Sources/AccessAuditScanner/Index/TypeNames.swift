// SPDX-License-Identifier: Apache-2.0
//
// Recognises collections, locks and queues by the names of types and initial values. Nothing here
// resolves names.

#if Scanner

import SwiftSyntax

/// The vocabulary of types.
enum TypeNames {
  static let dictionaries: Set<String> = [
    "Dictionary", "AuditedDictionary", "OrderedDictionary", "TreeDictionary", "NSMutableDictionary",
  ]
  static let sets: Set<String> = ["Set", "AuditedSet", "OrderedSet", "TreeSet", "NSMutableSet", "NSCountedSet"]
  static let arrays: Set<String> = [
    "Array", "AuditedArray", "ContiguousArray", "Deque", "Heap", "NSMutableArray",
  ]
  static let exclusiveLocks: Set<String> = [
    "NSLock", "NSRecursiveLock", "NSCondition", "NSConditionLock", "Mutex", "OSAllocatedUnfairLock", "os_unfair_lock",
    "os_unfair_lock_s", "os_unfair_lock_t", "pthread_mutex_t", "pthread_spinlock_t", "NIOLock", "Lock", "UnfairLock",
    "ReadWriteLocked", "ConditionLock",
  ]
  static let readWriteLocks: Set<String> = ["pthread_rwlock_t", "ReadWriteLock", "RWLock", "NIOReadWriteLock"]

  /// Superclasses and protocols of the system frameworks that are isolated to the main actor.
  static let mainActorTypes: Set<String> = [
    "UIViewController", "UIView", "UITableViewController", "UICollectionViewController", "UITableViewCell",
    "UIWindow",
    "UIApplicationDelegate", "UIControl", "UICollectionViewCell", "NSViewController", "NSView", "NSWindowController",
    "NSWindow", "NSDocument", "View", "App", "UIResponder",
  ]

  /// The known type of a type's syntax.
  static func known(_ type: TypeSyntax) -> KnownType {
    switch type.as(TypeSyntaxEnum.self) {
    case .dictionaryType(let dictionary): return .collection(.dictionary, element: known(dictionary.value))
    case .arrayType(let array): return .collection(.array, element: known(array.element))
    case .optionalType(let optional): return known(optional.wrappedType)
    case .implicitlyUnwrappedOptionalType(let optional): return known(optional.wrappedType)
    case .attributedType(let attributed): return known(attributed.baseType)
    case .someOrAnyType(let constrained): return known(constrained.constraint)
    case .functionType: return .function
    case .tupleType(let tuple):
      if tuple.elements.count == 1, let only = tuple.elements.first { return known(only.type) }
      return .tuple
    case .identifierType(let identifier):
      return named(identifier.name.text, arguments: identifier.genericArgumentClause)
    case .memberType(let member):
      let base = plainName(member.baseType)
      if base == "Swift" || base == "Synchronization" || base == "Foundation" || base == "Dispatch" {
        return named(member.name.text, arguments: member.genericArgumentClause)
      }
      return .named("\(base).\(member.name.text)")
    default: return .unknown
    }
  }

  /// A type's name without generic arguments.
  private static func plainName(_ type: TypeSyntax) -> String {
    if let member = type.as(MemberTypeSyntax.self) {
      return "\(plainName(member.baseType)).\(member.name.text)"
    }
    if let identifier = type.as(IdentifierTypeSyntax.self) { return identifier.name.text }
    return type.trimmedDescription
  }

  /// The known type of a name with generic arguments.
  static func named(_ name: String, arguments: GenericArgumentClauseSyntax? = nil) -> KnownType {
    func argument(_ index: Int) -> KnownType {
      guard let arguments else { return .unknown }
      for (position, argument) in arguments.arguments.enumerated() where position == index {
        if case .type(let type) = argument.argument { return known(type) }
      }
      return .unknown
    }
    if dictionaries.contains(name) { return .collection(.dictionary, element: argument(1)) }
    if sets.contains(name) { return .collection(.set, element: argument(0)) }
    if arrays.contains(name) { return .collection(.array, element: argument(0)) }
    if exclusiveLocks.contains(name) { return .lock(.exclusive) }
    if readWriteLocks.contains(name) { return .lock(.readWrite) }
    switch name {
    case "DispatchSemaphore": return .lock(.semaphore(permits: nil))
    case "DispatchQueue", "DispatchSerialQueue": return .queue(name == "DispatchQueue" ? .unknown : .serial)
    case "DispatchConcurrentQueue": return .queue(.concurrent)
    case "OperationQueue": return .operationQueue
    case "Optional": return argument(0)
    default: return .named(name)
    }
  }

  /// The known type of an initial value, as far as its text shows it.
  static func known(_ expression: ExprSyntax) -> KnownType {
    switch expression.as(ExprSyntaxEnum.self) {
    case .dictionaryExpr: return .collection(.dictionary, element: .unknown)
    case .arrayExpr(let array):
      return .collection(.array, element: array.elements.first.map { known($0.expression) } ?? .unknown)
    case .tryExpr(let inner): return known(inner.expression)
    case .awaitExpr(let inner): return known(inner.expression)
    case .asExpr(let cast): return known(cast.type)
    case .tupleExpr(let tuple):
      if tuple.elements.count == 1, let only = tuple.elements.first { return known(only.expression) }
      return .tuple
    case .closureExpr: return .function
    case .sequenceExpr(let sequence):
      // `x as Type` is not folded by the parser.
      let elements = Array(sequence.elements)
      if let last = elements.last?.as(TypeExprSyntax.self), elements.count >= 3 { return known(last.type) }
      return .unknown
    case .functionCallExpr(let call): return knownCall(call)
    case .memberAccessExpr(let member):
      let text = member.trimmedDescription
      if text == "DispatchQueue.main" || text == "OperationQueue.main" { return .queue(.main) }
      return .unknown
    default: return .unknown
    }
  }

  private static func knownCall(_ call: FunctionCallExprSyntax) -> KnownType {
    switch call.calledExpression.as(ExprSyntaxEnum.self) {
    case .dictionaryExpr(let literal):
      return .collection(.dictionary, element: typeElement(literal.content))
    case .arrayExpr: return .collection(.array, element: .unknown)
    case .declReferenceExpr(let reference): return constructed(reference.baseName.text, nil, call)
    case .genericSpecializationExpr(let generic):
      if let reference = generic.expression.as(DeclReferenceExprSyntax.self) {
        return constructed(reference.baseName.text, generic.genericArgumentClause, call)
      }
      return .unknown
    case .memberAccessExpr(let member):
      guard let base = member.base else { return .unknown }
      let baseText = base.trimmedDescription
      let name = member.declName.baseName.text
      if baseText == "DispatchQueue", name == "global" { return .queue(.global) }
      if name == "init" {
        if let generic = base.as(GenericSpecializationExprSyntax.self),
          let reference = generic.expression.as(DeclReferenceExprSyntax.self)
        {
          return constructed(reference.baseName.text, generic.genericArgumentClause, call)
        }
        return constructed(baseText, nil, call)
      }
      if let first = name.unicodeScalars.first, first.properties.isUppercase {
        return constructed(["Swift", "Foundation"].contains(baseText) ? name : "\(baseText).\(name)", nil, call)
      }
      return .unknown
    default: return .unknown
    }
  }

  /// Locks that store their state and pass it to their closures as the first parameter.
  private static let lockedStates: Set<String> = ["Mutex", "OSAllocatedUnfairLock"]

  /// The type of the state inside a lock, as far as its declaration spells it.
  static func lockedType(annotation: TypeSyntax?, initializer: ExprSyntax?) -> KnownType? {
    if let annotation {
      guard let identifier = annotation.as(IdentifierTypeSyntax.self) else { return nil }
      return lockedType(identifier.name.text, identifier.genericArgumentClause)
    }
    guard let call = initializer?.as(FunctionCallExprSyntax.self) else { return nil }
    if let generic = call.calledExpression.as(GenericSpecializationExprSyntax.self),
      let reference = generic.expression.as(DeclReferenceExprSyntax.self)
    {
      return lockedType(reference.baseName.text, generic.genericArgumentClause)
    }
    guard let reference = call.calledExpression.as(DeclReferenceExprSyntax.self),
      lockedStates.contains(reference.baseName.text), let first = call.arguments.first
    else { return nil }
    return known(first.expression)
  }

  private static func lockedType(_ name: String, _ arguments: GenericArgumentClauseSyntax?) -> KnownType? {
    guard lockedStates.contains(name), let first = arguments?.arguments.first, case .type(let type) = first.argument
    else { return nil }
    return known(type)
  }

  private static func typeElement(_ content: DictionaryExprSyntax.Content) -> KnownType {
    if case .elements(let elements) = content, let first = elements.first { return asType(first.value) }
    return .unknown
  }

  /// An expression that spells a type, as in `[String: Foo]()`.
  private static func asType(_ expression: ExprSyntax) -> KnownType {
    switch expression.as(ExprSyntaxEnum.self) {
    case .declReferenceExpr(let reference): return named(reference.baseName.text)
    case .arrayExpr, .dictionaryExpr: return known(expression)
    case .typeExpr(let type): return known(type.type)
    case .tupleExpr: return .tuple
    default: return .unknown
    }
  }

  private static func constructed(
    _ name: String, _ arguments: GenericArgumentClauseSyntax?, _ call: FunctionCallExprSyntax
  ) -> KnownType {
    switch named(name, arguments: arguments) {
    case .queue(.unknown):
      for argument in call.arguments where argument.label?.text == "attributes" {
        return .queue(argument.expression.trimmedDescription.contains("concurrent") ? .concurrent : .serial)
      }
      return .queue(.serial)
    case .lock(.semaphore):
      for argument in call.arguments where argument.label?.text == "value" {
        return .lock(.semaphore(permits: Int(argument.expression.trimmedDescription)))
      }
      return .lock(.semaphore(permits: nil))
    case .named(let name):
      guard let first = name.split(separator: ".").last?.unicodeScalars.first else { return .unknown }
      return first.properties.isUppercase || first == "_" ? .named(name) : .unknown
    case let other: return other
    }
  }
}

#endif
