// SPDX-License-Identifier: Apache-2.0
//
// What recorded traffic comes to, in numbers: the model that the outputs format and the adviser
// reads. Its coded form is the JSON schema "access-audit-traffic/1".

#if REPORTS && canImport(Glibc)

/// Recorded traffic, by the places where its collections are declared.
package struct TrafficReport: Sendable, Codable, Equatable {
  package static var schemaName: String { "access-audit-traffic/1" }

  /// The traffic of the collections of one declaration: of one label, type and name.
  package struct Group: Sendable, Codable, Equatable {
    /// The label, or what the collection is called where it is declared, or its type.
    package var name: String
    package var label: String?
    package var declaration: String?
    package var type: String
    package var kind: String
    /// How many collections these are: copies that were written to count too.
    package var collections: Int
    package var reads: UInt64
    package var writes: UInt64
    package var seconds: Double
    /// The most accesses in a second, from the busiest piece of the time line.
    package var peakPerSecond: Double
    package var threads: [Thread]
    package var tasks: Int
    package var accessesInTasks: UInt64
    /// Writes after which there were more elements, or fewer.
    package var insertions: UInt64
    package var removals: UInt64
    package var distinctKeys: Int
    package var accessesByKey: UInt64
    package var hotKeys: [HotKey]
    package var keyLifetimes: Spread
    package var largestSize: Int
    package var lastSize: Int
    package var operations: [Operation]
    package var sites: [Site]
    package var readDurations: Spread
    package var writeDurations: Spread
    package var contention: Contention
    package var timeLine: TimeLine

    package var accesses: UInt64 { reads + writes }
    package var readShare: Double { accesses == 0 ? 0 : Double(reads) / Double(accesses) }
    package var perSecond: Double { seconds > 0 ? Double(accesses) / seconds : 0 }
  }

  package struct Thread: Sendable, Codable, Equatable {
    package var id: Int32
    package var reads: UInt64
    package var writes: UInt64
  }

  package struct HotKey: Sendable, Codable, Equatable {
    /// The hash that the recording has in place of the key.
    package var hash: String
    package var accesses: UInt64
  }

  package struct Operation: Sendable, Codable, Equatable {
    package var name: String
    package var accesses: UInt64
  }

  package struct Site: Sendable, Codable, Equatable {
    package var place: String
    package var reads: UInt64
    package var writes: UInt64
  }

  /// Pairs of accesses of different threads, one right after the other on one collection.
  package struct Contention: Sendable, Codable, Equatable {
    /// The second began before the first had ended; and in how many of these one of them wrote.
    package var overlapping: UInt64 = 0
    package var overlappingWrites: UInt64 = 0
    /// The second began within 10 µs after the end of the first.
    package var near: UInt64 = 0
    package var nearWrites: UInt64 = 0
    /// The thread was another one than that of the access before.
    package var changes: UInt64 = 0
  }

  /// The traffic in pieces of time.
  package struct TimeLine: Sendable, Codable, Equatable {
    package var secondsPerPiece: Double = 0
    package var reads: [UInt64] = []
    package var writes: [UInt64] = []
    package var sizes: [Int] = []
  }

  package var schema = TrafficReport.schemaName
  package var executable: String?
  package var pid: Int?
  package var sampling: Int
  package var accesses: UInt64
  package var lost: UInt64
  package var seconds: Double
  /// Most accesses first.
  package var groups: [Group]
  /// Accesses to collections of which the table had no room.
  package var others: UInt64
  package var problems: [String]
}

#endif
