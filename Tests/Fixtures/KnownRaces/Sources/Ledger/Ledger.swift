// SPDX-License-Identifier: Apache-2.0
//
// A ledger that two threads use without a lock.

import AuditedCollections

public final class Ledger: @unchecked Sendable {
  private var entries = AuditedDictionary<Entry, Int>(label: "entries")

  public init() {}

  public func post(_ entry: Entry) { entries[entry] = 1 }

  public func amend(_ entry: Entry) { entries[entry] = 2 }

  public func amount(_ entry: Entry) -> Int? { entries[entry] }
}
