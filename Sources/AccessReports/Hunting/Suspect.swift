// SPDX-License-Identifier: Apache-2.0
//
// Suspects: pairs of call sites that came near each other and were neither seen to overlap nor
// found to be ordered. Values; nothing here has an effect.

#if REPORTS && canImport(Glibc)

public import AccessTerms

/// Two call sites that touched one collection on two threads, one of them writing, within a tenth
/// of a second.
///
/// This is no violation: that nothing kept the two apart was not seen. A lock that was never
/// contended looks the same. It says where to look, or where to hunt again.
public struct Suspect: Sendable, Hashable, Codable {
  /// One of the two sites.
  public struct Access: Sendable, Hashable, Codable {
    public var operation: AccessOperation
    public var writing: Bool
    /// The function that made the access, those inlined into it first.
    public var frames: [Violation.Frame]

    package init(operation: AccessOperation, writing: Bool, frames: [Violation.Frame]) {
      self.operation = operation
      self.writing = writing
      self.frames = frames
    }
  }

  /// The two; twice the same site where two threads came near each other in it.
  public var accesses: [Access]
  /// The largest time between the two that was seen, in milliseconds.
  public var gapMilliseconds: Double
  /// How often they came near each other.
  public var timesNear: UInt64
  /// How often one was held open for the other, in vain.
  public var holds: UInt64

  package init(accesses: [Access], gapMilliseconds: Double, timesNear: UInt64, holds: UInt64) {
    self.accesses = accesses
    self.gapMilliseconds = gapMilliseconds
    self.timesNear = timesNear
    self.holds = holds
  }
}

extension Suspect: CustomStringConvertible {
  /// One line: the two accesses, how near they came to each other, and how often one was held.
  public var description: String {
    let hundredths = Int(gapMilliseconds * 100)
    let gap = "\(hundredths / 100).\(hundredths % 100 < 10 ? "0" : "")\(hundredths % 100)"
    let held = holds == 1 ? "1 hold" : "\(holds) holds"
    return accesses.map(\.description).joined(separator: " and ") + "; within \(gap) ms, \(held)"
  }
}

extension Suspect.Access: CustomStringConvertible {
  public var description: String { "\(writing ? "write" : "read") (\(operation.rawValue)) in \(frames.place)" }
}

extension [Violation.Frame] {
  /// What a person would call the place: the function, the file and the line.
  package var place: String {
    guard let frame = location ?? first else { return "" }
    let file = frame.file.map { path in path.split(separator: "/").last.map(String.init) ?? path }
    let line = frame.line.map { ":\($0)" } ?? ""
    return [frame.symbol, file.map { $0 + line }].compactMap { $0 }.joined(separator: " ")
  }
}

#endif
