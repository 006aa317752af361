// SPDX-License-Identifier: Apache-2.0
//
// The state of a walk through one body: what is held, where the code runs, which names are local. Plain values.

#if Tools

  import SwiftSyntax

  /// What holds at one point of a body; saved and restored around branches and closures.
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

  /// What is known of the value of an expression.
  struct Value {
    var type: KnownType = .unknown
    /// The name by which guards know it: `Type.variable`, `local name`, or its text.
    var id: String
    /// The variable that stores it, when it is a value in a watched variable.
    var storage: VariableReference?
    /// The local it is.
    var local: Int?
    var localOrder = 0
    var isOwn = false
    var isMetatype = false
    var isForeign = false
    var closure: LocalCode?
    /// The property of the module that the closure is kept in.
    var handler: Int?
    /// An object that many operations were given, seen from inside one of them.
    var isHandedToMany = false
    /// The collection that a lock keeps inside itself.
    var content: LockContent?

    static func unknown(_ id: String) -> Value { Value(id: id) }
  }

  /// What a lock such as `Mutex` hands to the closures that hold it.
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

  /// What a local closure was wrapped in.
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
    /// Kept by someone, for some time.
    case stored
  }

  /// What a call of a function of the module does with its closures and locks.
  struct FunctionSummary: Sendable {
    enum ParameterMode: Sendable {
      case inline([Guard])
      case elsewhere(FrameKind, [Guard], isMain: Bool)
      case stored
    }

    /// The name of the lock that the callee is itself, as in an extension of a lock type.
    static let ownLock = "self as a lock"

    var parameters: [Int: ParameterMode] = [:]
    var acquires: [Guard] = []
    var releases: [String] = []
  }

#endif
