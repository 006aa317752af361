// SPDX-License-Identifier: Apache-2.0
//
// The names of functions that run closures elsewhere. One table; nothing here reads syntax.

#if Scanner

/// The kinds of code that run a closure elsewhere.
enum FrameKind: String, Sendable {
  case queue = "a dispatch queue"
  case parallelLoop = "concurrentPerform"
  case thread = "a thread"
  case task = "a task"
  case detachedTask = "a detached task"
  case childTask = "a child task"
  case operation = "an operation"
  case completion = "a completion handler"
  case sendable = "a @Sendable closure"
  case forwarded = "a closure that is handed to another thread"
}

/// The vocabulary of concurrency.
enum ConcurrencyVocabulary {
  /// Methods by which an object that is named a serial one runs closures.
  static let serializers: Set<String> = ["dispatch", "perform", "execute", "enqueue", "run", "schedule"]

  /// Methods of a queue that return before the closure has run.
  static let asynchronous: Set<String> = ["async", "asyncAfter", "asyncUnsafe"]

  /// Methods of a queue that return when the closure has run.
  static let synchronous: Set<String> = ["sync", "asyncAndWait", "performAndWait"]

  /// Methods of an event loop; their closures run serially with all other work on that loop.
  static let eventLoop: Set<String> = ["execute", "submit", "scheduleTask", "flatSubmit"]

  /// Methods of a task group that start a child.
  static let childTasks: Set<String> = [
    "addTask", "addTaskUnlessCancelled", "async", "spawn", "addImmediateTask", "addImmediateTaskUnlessCancelled",
  ]

  /// Functions whose children have all ended when they return.
  static let taskGroups: Set<String> = [
    "withTaskGroup", "withThrowingTaskGroup", "withDiscardingTaskGroup", "withThrowingDiscardingTaskGroup",
  ]

  /// Methods of a dispatch source that store a closure for its queue.
  static let sourceHandlers: Set<String> = ["setEventHandler", "setCancelHandler", "setRegistrationHandler"]

  /// Methods that take operations.
  static let operations: Set<String> = ["addOperation", "addExecutionBlock", "addBarrierBlock"]

  /// Methods of Foundation that call their closure on a queue that Foundation chooses.
  static let completions: Set<String> = [
    "dataTask", "downloadTask", "uploadTask", "getAllTasks", "getTasksWithCompletionHandler",
  ]

  /// Labels of completion parameters, which are called on a thread that the callee chooses.
  static let completionLabels: Set<String> = [
    "completion", "completionHandler", "onCompletion", "completionBlock", "onComplete", "callback", "completed",
  ]

  /// Properties of system types whose closure is called on a queue that the system chooses.
  static let systemHandlers: Set<String> = [
    "readabilityHandler", "writeabilityHandler", "terminationHandler", "completionBlock", "onTermination",
    "invalidationHandler", "interruptionHandler",
  ]

  /// Methods that call their closure once per element, before they return.
  static let loops: Set<String> = [
    "forEach", "map", "flatMap", "compactMap", "filter", "reduce", "contains", "first", "allSatisfy", "sorted",
    "sort",
    "removeAll", "mapValues", "compactMapValues", "enumerated", "min", "max", "stride",
  ]

  /// Mutating members of the collections.
  static let mutators: Set<String> = [
    "append", "insert", "remove", "removeFirst", "removeLast", "removeAll", "removeSubrange", "removeValue",
    "popFirst",
    "popLast", "updateValue", "update", "merge", "sort", "reverse", "shuffle", "swapAt", "partition",
    "reserveCapacity",
    "replaceSubrange", "formUnion", "formIntersection", "formSymmetricDifference", "subtract", "prepend",
    "withUnsafeMutableBufferPointer", "withUnsafeMutableBytes", "withContiguousMutableStorageIfAvailable", "popMin",
    "popMax", "removeMin", "removeMax", "modifyValue", "setObject", "removeObject", "add", "addObjects", "addEntries",
    "removeAllObjects", "toggle", "negate",
  ]

  /// Members whose result is an index or a slice of the collection.
  static let indexMakers: Set<String> = [
    "index", "firstIndex", "lastIndex", "startIndex", "endIndex", "indices", "prefix", "suffix", "dropFirst",
    "dropLast",
    "partition",
  ]
}

#endif
