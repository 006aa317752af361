// SPDX-License-Identifier: Apache-2.0
//
// The state of a walk through one body: the guards that are held, the thread the code runs on, and
// the local names. Plain values.

#if Scanner

import SwiftSyntax

/// The state at one point of a body; saved and restored around branches and closures.
struct BodyContext {
  var held: [Guard] = []
  var frames: [Int] = []
  var loops: [Int] = []
  var released: [String] = []
  var isDetachedClosure = false
  var boundTo: String?
}

/// How an expression is used.
enum Usage {
  case read
  case assign
  case compound
  case passInout

  var writes: Bool { self != .read }
}

/// The known facts about the value of an expression.
struct Value {
  var type: KnownType = .unknown
  /// The name that guards use for it: `Type.variable`, `local name`, or its text.
  var id: String
  /// The watched variable that stores it, if any.
  var storage: VariableReference?
  /// The number of the local that holds it.
  var local: Int?
  var localOrder = 0
  var isOwn = false
  var isMetatype = false
  var isForeign = false
  var closure: LocalCode?
  /// The module's property that stores the closure.
  var handler: Int?
  /// True for an object that many operations were given, inside one of these operations.
  var isHandedToMany = false
  /// The queue that a dispatch source was made with.
  var sourceQueue: QueueWork?
  /// The collection that a lock stores and protects.
  var content: LockContent?

  static func unknown(_ id: String) -> Value { Value(id: id) }
}

/// How a queue runs its work.
struct QueueWork {
  var guards: [Guard]
  var isMain: Bool
}

/// The state that a lock such as `Mutex` passes to the closures that run under it.
struct LockContent {
  var variable: Int
  var type: KnownType
}

/// Code that has a local name.
enum LocalCode {
  case closure(ClosureExprSyntax, WorkKind)
  case function(FunctionDeclSyntax)
  case parameter(Int)
}

/// The kind of object that a local closure was wrapped in.
enum WorkKind {
  case plain
  case workItem
}

/// A local name.
struct LocalBinding {
  var value: Value
  var isUsedAsCode = false
}

/// How a closure runs.
enum ClosureMode {
  /// In place, before the call returns.
  case inline(adding: [Guard], isLoop: Bool)
  /// On another thread.
  case elsewhere(FrameKind, guards: [Guard], keepsIsolation: Bool, isMain: Bool, isParallelLoop: Bool)
  /// Stored by the callee and called later.
  case stored
}

/// The effects of a function of the module: how it runs its closures, and which locks it takes
/// and releases.
struct FunctionSummary: Sendable {
  enum ParameterMode: Sendable {
    case inline([Guard])
    case elsewhere(FrameKind, [Guard], isMain: Bool)
    case stored
  }

  /// The name of `self` as a lock, in an extension of a lock type.
  static let ownLock = "self as a lock"

  var parameters: [Int: ParameterMode] = [:]
  var acquires: [Guard] = []
  var releases: [String] = []
}

#endif
