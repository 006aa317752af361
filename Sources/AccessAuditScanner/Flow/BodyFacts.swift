// SPDX-License-Identifier: Apache-2.0
//
// The results of walking one body: accesses, calls, and the closures that run elsewhere. Plain
// values.

#if Scanner

/// A closure of a body that runs on another thread than the body.
struct ConcurrentFrame: Sendable {
  var id: Int
  var kind: FrameKind
  var start: Int
  var end: Int
  /// The order number after which it has certainly ended.
  var joined: Int?
  /// The loops around it, outermost first.
  var loops: [Int]
  /// True for a closure that runs several times at once, as that of `concurrentPerform` does.
  var isParallelLoop: Bool
  var offset: Int
  /// True on the main queue or the main actor: the same thread as all code outside of frames.
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

/// The variable of an access.
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
  /// Guards that this body held and released before the access.
  var released: [String]
  var loops: [Int]
  /// The local `let` that stores the result.
  var boundTo: String?
  var isCompound: Bool
  /// The label of a subscript's first argument.
  var argumentLabel: String?
  /// The end of the variable's name in the path.
  var nameEnd: Int
  /// The expression that is assigned to the whole variable.
  var assigned: AssignedRange?
  /// True for a read by a capture list or a shorthand binding, where nothing can be appended to
  /// the name.
  var isBareName: Bool
  /// True for an access through another object than `self`.
  var isForeign: Bool
  /// The local variable that holds the object, if any.
  var receiver: Int?
  /// True in a deferred, stored or otherwise unordered closure.
  var isDetachedClosure: Bool
}

/// The right side of an assignment.
struct AssignedRange: Sendable {
  var start: Int
  var end: Int
  /// True for an empty literal and for `.init()`.
  var isEmpty: Bool
  /// True for `if` and `switch`, which cannot be an argument.
  var isControl: Bool
}

/// One call of a function of the module.
struct CallRecord: Sendable {
  var callee: Int
  var held: [Guard]
  var frames: [Int]
  var order: Int
  var loops: [Int]
  var start: Int
  /// The local variable that holds the receiver, if any.
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
  /// True for `nonisolated(unsafe) var`.
  var isUnsafe = false
}

/// How a body uses one of its closure parameters.
struct ParameterUse: Sendable {
  var parameter: Int
  var held: [Guard]
  var frameKind: FrameKind?
  var isMain: Bool
}

/// One call of a closure that a property of the module stores.
struct HandlerCall: Sendable {
  /// The property.
  var variable: Int
  var held: [Guard]
  var frames: [Int]
}

/// The results of walking one body.
struct BodyFacts: Sendable {
  var function: Int
  var accesses: [AccessRecord] = []
  var calls: [CallRecord] = []
  var frames: [ConcurrentFrame] = []
  var locals: [LocalVariable] = []
  var loops: [LoopSpan] = []
  var parameterUses: [ParameterUse] = []
  var handlerCalls: [HandlerCall] = []
  /// Properties of operations, as `Type.property`, that get the same object in every iteration of
  /// a loop.
  var handedToMany: Set<String> = []
  /// The module's properties in which the body stores closures.
  var storedHandlers: Set<Int> = []
  /// Guards held at the end of the body but not at its beginning; `releases` is the opposite.
  var acquires: [Guard] = []
  var releases: [String] = []
  /// The ends of names in this body whose meaning is known, among the names of collections.
  var followed: Set<Int> = []
  /// Every lock that the body took at some point.
  var locked: Set<String> = []
  var isTooDeep = false
}

#endif
