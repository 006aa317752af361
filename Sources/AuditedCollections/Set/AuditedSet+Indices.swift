// SPDX-License-Identifier: Apache-2.0
//
// Moving among the members by index, each step one access.

#if AUDITED && canImport(Glibc)

public import AccessAudit

extension AuditedSet {
  /// The first index; the end index when there is no member.
  ///
  /// - Complexity: O(1) amortised.
  @inlinable
  public var startIndex: Index {
    read(.startIndex) { $0.startIndex }
  }

  /// The index behind the last member.
  ///
  /// - Complexity: O(1).
  @inlinable
  public var endIndex: Index {
    read(.endIndex) { $0.endIndex }
  }

  /// The indices of the members: a snapshot.
  ///
  /// - Complexity: O(1).
  @inlinable
  public var indices: DefaultIndices<Set<Element>> {
    read(.indices) { $0.indices }
  }

  /// The index after `i`, which must be valid and not the end.
  ///
  /// - Complexity: O(1) amortised.
  @inlinable
  public func index(after i: Index) -> Index {
    read(.indexAfter) { $0.index(after: i) }
  }

  /// Moves `i`, which must be valid and not the end, to the next member.
  ///
  /// - Complexity: O(1) amortised.
  @inlinable
  public func formIndex(after i: inout Index) {
    read(.formIndexAfter) { $0.formIndex(after: &i) }
  }

  /// The index `distance` members on.
  ///
  /// - Complexity: O(distance).
  @inlinable
  public func index(_ i: Index, offsetBy distance: Int) -> Index {
    read(.indexOffsetBy) { $0.index(i, offsetBy: distance) }
  }

  /// The index `distance` members on; `nil` when that is beyond `limit`.
  ///
  /// - Complexity: O(distance).
  @inlinable
  public func index(_ i: Index, offsetBy distance: Int, limitedBy limit: Index) -> Index? {
    read(.indexOffsetByLimitedBy) { $0.index(i, offsetBy: distance, limitedBy: limit) }
  }

  /// How many members there are between two indices.
  ///
  /// - Complexity: O(distance).
  @inlinable
  public func distance(from start: Index, to end: Index) -> Int {
    read(.distance) { $0.distance(from: start, to: end) }
  }
}

#endif
