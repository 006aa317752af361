// SPDX-License-Identifier: Apache-2.0
//
// What walking one body yields: accesses, calls, and the closures that run elsewhere. Plain values.

#if Tools

  /// A closure of a body that runs on another thread than the body.
  struct ConcurrentFrame: Sendable {
    var id: Int
    var kind: FrameKind
    var start: Int
    var end: Int
    /// The order number after which it has ended for certain.
    var joined: Int?
    /// The loops around it, outermost first.
    var loops: [Int]
    /// Runs several times at once by itself, as `concurrentPerform` does.
    var isParallelLoop: Bool
    var offset: Int
    /// The main queue or the main actor: one thread with everything that is not in any frame.
    var isMain: Bool
    /// The locks and queues it runs under.
    var guards: [String]
  }

  /// A loop of a body, in order numbers.
  struct LoopSpan: Sendable, Hashable {
    var id: Int
    var start: Int
    var end: Int
  }

  /// The variable an access touches.
  enum VariableReference: Sendable, Hashable {
    case declared(Int)
    /// A local of the body, by its number in the body.
    case local(Int)
  }

  /// One access to a watched collection.
  struct AccessRecord: Sendable {
    var variable: VariableReference
    var isWrite: Bool
    /// A whole assignment, the member, or `subscript`.
    var operation: String
    /// The text of the key, index or element.
    var key: String?
    var start: Int
    var end: Int
    var function: Int
    var order: Int
    var held: [Guard]
    /// Indexes into the body's frames, outermost first.
    var frames: [Int]
    /// Guards that this body held and gave back before the access.
    var released: [String]
    var loops: [Int]
    /// The local `let` that keeps the result.
    var boundTo: String?
    var isCompound: Bool
    /// Where the path has reached the variable: the end of its name.
    var nameEnd: Int
    /// The expression that is assigned to the whole variable.
    var assigned: AssignedRange?
    /// Read by a capture list or a shorthand binding, where nothing can be added behind the name.
    var isBareName: Bool
    /// Reached through another object than `self`.
    var isForeign: Bool
    /// The local that the object is, when it is one.
    var receiver: Int?
    /// In a deferred, stored or otherwise unordered closure.
    var isDetachedClosure: Bool
  }

  /// The right side of an assignment.
  struct AssignedRange: Sendable {
    var start: Int
    var end: Int
    /// A literal, or an expression that takes its type from the left side.
    var adapts: Bool
  }

  /// One call of a function of the module.
  struct CallRecord: Sendable {
    var callee: Int
    var held: [Guard]
    var frames: [Int]
    var order: Int
    var loops: [Int]
    var start: Int
    /// The local that the receiver is, when it is one.
    var receiver: Int?
    /// The receiver's name, and the texts of the first arguments.
    var receiverID: String
    var arguments: [String]
  }

  /// A local variable of a body that holds a watched collection.
  struct LocalVariable: Sendable {
    var id: Int
    var name: String
    var start: Int
    var end: Int
    var order: Int
    var type: KnownType
    var frames: [Int]
  }

  /// How a body uses one of its closure parameters.
  struct ParameterUse: Sendable {
    var parameter: Int
    var held: [Guard]
    var frameKind: FrameKind?
    var isMain: Bool
  }

  /// One call of a closure that is kept in a property of the module.
  struct HandlerCall: Sendable {
    /// The property.
    var variable: Int
    var held: [Guard]
    var frames: [Int]
  }

  /// What walking one body yields.
  struct BodyFacts: Sendable {
    var function: Int
    var accesses: [AccessRecord] = []
    var calls: [CallRecord] = []
    var frames: [ConcurrentFrame] = []
    var locals: [LocalVariable] = []
    var loops: [LoopSpan] = []
    var parameterUses: [ParameterUse] = []
    var handlerCalls: [HandlerCall] = []
    /// Properties, as `Type.property`, of operations that get one object in every turn of a loop.
    var handedToMany: Set<String> = []
    /// The properties of the module that the body stores closures in.
    var storedHandlers: Set<Int> = []
    /// Guards held at the end that were not at the beginning, and the other way round.
    var acquires: [Guard] = []
    var releases: [String] = []
    /// Every lock the body took at some point.
    var locked: Set<String> = []
    var isTooDeep = false
  }

#endif
