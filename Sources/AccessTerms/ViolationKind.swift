// SPDX-License-Identifier: Apache-2.0
//
// The kinds of violation and the messages they have. Data only.

/// What was seen. Two accesses to one collection by two threads were in progress at the same time,
/// at least one of them a write.
public enum ViolationKind: String, Sendable, Hashable, Codable, CaseIterable {
  /// A second thread began to mutate the collection while a first was mutating it.
  case concurrentWrites = "concurrent-writes"
  /// A thread began to read while another was mutating.
  case readDuringWrite = "read-during-write"
  /// A thread mutated while another was reading; seen by the reader.
  case writeDuringRead = "write-during-read"
  /// The variable was given another collection while it was being mutated; seen by the writer.
  case replacedDuringWrite = "replaced-during-write"
  /// The collection was destroyed while an access was in progress, or an access began on one that
  /// was.
  case destroyedDuringAccess = "destroyed-during-access"
  /// A thread crashed inside an access that another thread overlapped.
  case crashDuringAccess = "crash-during-access"

  /// The message of a violation of this kind on a collection of the given kind, as the report's
  /// first line has it.
  public func message(for collection: CollectionKind) -> String {
    switch self {
    case .concurrentWrites: "concurrent \(collection) writes"
    case .readDuringWrite, .writeDuringRead: "concurrent \(collection) read and \(collection) write"
    case .replacedDuringWrite: "\(collection) replaced while being written"
    case .destroyedDuringAccess: "\(collection) destroyed while in use"
    case .crashDuringAccess: "crash during concurrent \(collection) access"
    }
  }
}
