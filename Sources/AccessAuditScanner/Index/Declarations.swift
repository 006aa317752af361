// SPDX-License-Identifier: Apache-2.0
//
// The declarations of a module as the rest of the scanner sees them. Plain values; nothing here
// walks syntax.

#if Scanner

import SwiftSyntax

/// The kinds of collection that are watched.
enum CollectionKind: String, Sendable, Codable {
  case dictionary
  case set
  case array
}

/// How a lock variable behaves.
enum LockKind: Sendable, Equatable {
  case exclusive
  case readWrite
  /// A semaphore; only one with a single permit is a lock.
  case semaphore(permits: Int?)
}

/// How a queue runs its work.
enum QueueKind: Sendable, Equatable {
  case serial
  case concurrent
  case main
  case global
  /// A queue whose creation is not visible; assumed to be serial.
  case unknown
}

/// The type of an expression, as far as syntax alone shows it.
indirect enum KnownType: Sendable, Equatable {
  case collection(CollectionKind, element: KnownType)
  case lock(LockKind)
  case queue(QueueKind)
  case operationQueue
  case named(String)
  case function
  case tuple
  case unknown
}

/// A variable, stored or computed, of a type or of the file.
struct VariableDeclaration: Sendable {
  var id = 0
  var name: String
  var owner: String?
  var file: Int
  var nameOffset: Int
  var nameEnd: Int
  var isStatic = false
  var isLet = false
  var isLazy = false
  var isPrivate = false
  var isPublic = false
  var hasObservers = false
  var isStored = true
  var isNonisolatedUnsafe = false
  var isNonisolated = false
  /// Attribute names without the at sign.
  var attributes: [String] = []
  var annotation: TypeSyntax?
  var initializer: ExprSyntax?
  var binding: PatternBindingSyntax?
  var type: KnownType = .unknown

  /// Words of its comment that confine it to one thread.
  var confinement: String?

  /// The global actor that isolates the variable, from its own attributes or from those of its
  /// extension.
  var globalActor: String?

  /// `Type.name`, or the plain name of a global.
  var symbol: String { owner.map { "\(TypeTable.shown($0)).\(name)" } ?? name }

  /// Where its type is written.
  var scope: TypeScope { TypeScope(owner: owner, file: file) }

  /// The type of the state inside a lock: the argument of `Mutex<…>` and similar types.
  var lockedType: KnownType? { TypeNames.lockedType(annotation: annotation, initializer: initializer) }
}

/// The kinds of function body.
enum FunctionKind: Sendable, Equatable {
  case function
  case initializer
  case deinitializer
  case getter
  case setter
  case modify
  case observer
  case topLevel
}

/// A parameter of a function.
struct ParameterDeclaration: Sendable {
  var label: String
  var name: String
  var isFunction: Bool
  var isEscaping: Bool
  var isSendable: Bool
  var type: KnownType
}

/// A function, initialiser, accessor, or the top-level code of a file.
struct FunctionDeclaration: Sendable {
  var id = 0
  var name: String
  var owner: String?
  var file: Int
  var kind: FunctionKind
  var isStatic = false
  var isPublic = false
  var isOverride = false
  var isMutating = false
  var isNonisolated = false
  var isAsync = false
  var globalActor: String?
  var parameters: [ParameterDeclaration] = []
  /// The computed variable this accessor belongs to.
  var accessorOf: String?
  var body: CodeBlockItemListSyntax
  var nameOffset: Int

  /// The names of its generic parameters.
  var generics: Set<String> = []
  /// Words of its comment that confine it to one thread.
  var confinement: String?

  /// `Type.name` or the plain name.
  var symbol: String { owner.map { "\(TypeTable.shown($0)).\(name)" } ?? name }

  /// Where the types of its parameters and locals are written.
  var scope: TypeScope { TypeScope(owner: owner, file: file, generics: generics) }
}

/// The kinds of nominal type.
enum NominalKind: Sendable, Equatable {
  case classType
  case structType
  case enumType
  case actorType
  case protocolType
  case unknown
}

/// A nominal type with all its extensions in the module.
struct TypeDeclaration: Sendable {
  var name: String
  var kind: NominalKind
  var file: Int
  var nameOffset: Int
  var nameEnd: Int
  var inherited: [String] = []
  var isUncheckedSendable = false
  var isNoncopyable = false
  /// Words of its comment that confine it to one thread.
  var confinement: String?
  /// True for a type that only its file can name.
  var isPrivate = false
  /// The names of its generic parameters and associated types.
  var generics: Set<String> = []
  var globalActor: String?
  var attributes: [String] = []
  var variables: [Int] = []
  var functions: [Int] = []
}

#endif
