// SPDX-License-Identifier: Apache-2.0
//
// The model of a reported violation. It is built once, by the detector; renderers only format it.
// Its coded form is the JSON schema "access-audit/1", to which keys may be added and from which
// none is removed.

#if REPORTS && canImport(Glibc)

public import AccessTerms

/// Two overlapping accesses to one collection, with everything known about them.
public struct Violation: Sendable, Hashable, Codable {
  /// The name of the JSON schema.
  public static var schemaName: String { "access-audit/1" }

  public var schema: String
  public var kind: ViolationKind
  /// What the report's first line says behind `fatal error: `.
  public var message: String
  public var container: Container
  /// The access that saw the violation, then the one it overlapped with.
  public var accesses: [Access]
  /// Accesses to the same collection that preceded the report, newest first; at most 16.
  public var history: [HistoryEntry]
  public var losses: Losses
  public var process: ProcessDescription
  /// How often this pair of stacks was seen until the report was made.
  public var timesSeen: UInt64
  /// How the two accesses lay in time.
  public var overlap: Overlap? = nil
  /// What else happened to the collection.
  public var traffic: Traffic? = nil
  /// The executable and the libraries that frames lie in.
  public var images: [Image]? = nil

  package init(
    schema: String, kind: ViolationKind, message: String, container: Container, accesses: [Access],
    history: [HistoryEntry], losses: Losses, process: ProcessDescription, timesSeen: UInt64,
    overlap: Overlap? = nil, traffic: Traffic? = nil, images: [Image]? = nil
  ) {
    self.schema = schema
    self.kind = kind
    self.message = message
    self.container = container
    self.accesses = accesses
    self.history = history
    self.losses = losses
    self.process = process
    self.timesSeen = timesSeen
    self.overlap = overlap
    self.traffic = traffic
    self.images = images
  }

  /// The collection.
  public struct Container: Sendable, Hashable, Codable {
    public var id: UInt64
    public var kind: CollectionKind
    public var type: String
    public var label: String?
    /// What it is called where it is declared, `OrderCache.orders`, if it has no label and that
    /// could be found.
    public var declaration: String? = nil
    /// Its number of elements when the violation was seen; `nil` when it could not be read.
    public var count: Int?
    /// Where it was created; `nil` when that was while auditing was off.
    public var created: Creation?

    package init(
      id: UInt64, kind: CollectionKind, type: String, label: String? = nil, count: Int? = nil,
      created: Creation? = nil
    ) {
      self.id = id
      self.kind = kind
      self.type = type
      self.label = label
      self.count = count
      self.created = created
    }

    public struct Creation: Sendable, Hashable, Codable {
      public var thread: ThreadDescription
      public var stack: [Frame]

      package init(thread: ThreadDescription, stack: [Frame]) {
        self.thread = thread
        self.stack = stack
      }
    }
  }

  public enum Role: String, Sendable, Hashable, Codable {
    /// The access that saw the other one.
    case detected
    case conflicting
  }

  /// One of the two accesses.
  public struct Access: Sendable, Hashable, Codable {
    public var role: Role
    /// `nil` when not even the thread is known.
    public var thread: ThreadDescription?
    public var writing: Bool
    /// `nil` when the access's record was lost.
    public var operation: AccessOperation?
    /// Whether the access was still in progress when the violation was seen.
    public var inProgress: Bool
    /// Innermost first, then the functions that await them; empty when the stack was lost or not
    /// recorded.
    public var stack: [Frame]
    /// Why `stack` is empty.
    public var stackLoss: StackLoss? = nil
    /// The task the access was made in; known of the detecting side only.
    public var task: TaskDescription? = nil
    /// The label of the dispatch queue that the access was made on; known of the detecting side
    /// only.
    public var queue: String? = nil
    /// The trace that the access belongs to, as the program says; known of the detecting side only.
    public var traceID: String? = nil
    /// The source around ``location``, where the file is there.
    public var excerpt: SourceExcerpt? = nil

    package init(
      role: Role, thread: ThreadDescription? = nil, writing: Bool, operation: AccessOperation? = nil,
      inProgress: Bool, stack: [Frame], stackLoss: StackLoss? = nil, task: TaskDescription? = nil,
      queue: String? = nil, excerpt: SourceExcerpt? = nil
    ) {
      self.role = role
      self.thread = thread
      self.writing = writing
      self.operation = operation
      self.inProgress = inProgress
      self.stack = stack
      self.stackLoss = stackLoss
      self.task = task
      self.queue = queue
      self.excerpt = excerpt
    }
  }

  public struct ThreadDescription: Sendable, Hashable, Codable {
    /// The kernel's thread ID.
    public var id: Int32
    /// `nil` when the thread has ended or has no name.
    public var name: String?

    package init(id: Int32, name: String? = nil) {
      self.id = id
      self.name = name
    }
  }

  /// One frame of a stack. An address with inlined functions has several.
  public struct Frame: Sendable, Hashable, Codable {
    /// Demangled; `nil` when there is no symbol.
    public var symbol: String?
    public var file: String?
    public var line: Int?
    public var column: Int?
    /// The name of the executable or library.
    public var image: String?
    /// The return address, in hexadecimal.
    public var address: String
    public var inlined: Bool
    public var category: Category
    /// `true` of a function that awaits the one before it; absent otherwise.
    public var awaiting: Bool? = nil
    /// `address` as the image's file has it, in hexadecimal: what tools for the file ask for, as
    /// `llvm-symbolizer --obj` does. `nil` outside all images.
    public var offset: String? = nil
    /// The build ID of the image, for the program's own frames: what the file must have that names
    /// them.
    public var buildID: String? = nil

    public enum Category: String, Sendable, Hashable, Codable {
      /// The program's own code, or any that is not one of the others.
      case user
      /// This package's code, between the program and the collection.
      case audit
      /// Code the compiler made: thunks, witnesses.
      case thunk
      /// Swift's libraries and the system's start-up code.
      case system
    }
  }

  /// One earlier access to the collection.
  public struct HistoryEntry: Sendable, Hashable, Codable {
    public var thread: ThreadDescription
    public var operation: AccessOperation
    public var writing: Bool
    /// Milliseconds from the access to the one that saw the violation, to the detector's tick of
    /// 10 ms; 0 of what came in the same tick, or later.
    public var ageMilliseconds: Int
    /// The frame that made the access; `nil` when its stack was lost.
    public var frame: Frame?
    /// Which of the two accesses of the violation this is; `nil` for any other.
    public var role: Role? = nil

    package init(
      thread: ThreadDescription, operation: AccessOperation, writing: Bool, ageMilliseconds: Int,
      frame: Frame? = nil, role: Role? = nil
    ) {
      self.thread = thread
      self.operation = operation
      self.writing = writing
      self.ageMilliseconds = ageMilliseconds
      self.frame = frame
      self.role = role
    }
  }

  /// What is missing from what was recorded, since the process started.
  public struct Losses: Sendable, Hashable, Codable {
    /// Records overwritten before the detector read them.
    public var records: UInt64
    /// Stacks that found the stack table full, or could not be unwound.
    public var stacks: UInt64
    /// Accesses checked but not recorded, because a violation's history was being copied.
    public var unrecorded: UInt64
    /// Violations that found the queue full, or came after `max_reports`.
    public var violations: UInt64
    /// Waits for another access that ran out.
    public var waits: UInt64

    package init(records: UInt64, stacks: UInt64, unrecorded: UInt64, violations: UInt64, waits: UInt64) {
      self.records = records
      self.stacks = stacks
      self.unrecorded = unrecorded
      self.violations = violations
      self.waits = waits
    }
  }

  public struct ProcessDescription: Sendable, Hashable, Codable {
    public var pid: Int32
    public var executable: String
    /// When the violation was seen: UTC, ISO 8601 with milliseconds.
    public var time: String
    /// What the random numbers of delays and holds began with; `nil` where there were none.
    public var seed: UInt64?
    /// The machine's name.
    public var host: String? = nil
    /// What the program calls itself: the variable `OTEL_SERVICE_NAME`, or the executable's name.
    public var service: String? = nil
    /// The version of this package that made the report.
    public var version: String? = nil

    package init(pid: Int32, executable: String, time: String, seed: UInt64? = nil) {
      self.pid = pid
      self.executable = executable
      self.time = time
      self.seed = seed
    }
  }
}

extension Violation {
  /// The access that saw the violation.
  public var detected: Access { accesses[0] }
  /// The access it overlapped with.
  public var conflicting: Access { accesses[1] }
}

extension Violation.Access {
  /// The innermost frame of the program's own code: the line to look at. `nil` when the stack holds
  /// none.
  public var location: Violation.Frame? { stack.location }
}

extension [Violation.Frame] {
  /// The innermost frame of the program's own code, one with a line if there is one.
  package var location: Violation.Frame? {
    let own = filter { $0.category == .user }
    return own.first { $0.line != nil } ?? own.first
  }
}

#endif
