// SPDX-License-Identifier: Apache-2.0
//
// The memory that the audit uses: per collection, per thread, and once.

import AuditedCollections
import CMeasurement
import Foundation
import LoopInterface

/// Prints bytes, one JSON object per line.
enum Memory {
  private static func print(_ name: String, _ value: Double) {
    Swift.print("{\"measure\":\"\(name)\",\"build\":\"\(Build.name)\",\"values\":[\(value)]}")
  }

  private final class Holder {
    var plain: [Int: Int] = [:]
    var audited: AuditedDictionary<Int, Int> = [:]
  }

  static func measure() {
    let before = mappedBytes()
    // Before the count begins, the detector and this thread's recorder exist, and the audit's
    // tables have grown.
    AccessAudit.configure(AuditConfiguration(onViolation: .halt))
    let first = Holder()
    first.audited[1] = 1
    AccessAudit.flush()
    let after = mappedBytes()
    // The stack table, unless the kernel has mapped it right beside another mapping.
    if before.table == 0, after.table > 0 { print("stack table, address space", Double(after.table)) }
    print("tables, address space", Double(after.size - before.size))
    print("tables, resident after the first access", Double(after.resident - before.resident))
    threads()
    collections()
    withExtendedLifetime(first) {}
  }

  /// Allocated bytes for a dictionary beyond those of a plain one: empty ones, and ones with an
  /// element.
  private static func collections() {
    let count = 50_000
    var plain = [[Int: Int]](repeating: [:], count: count)
    var audited: [AuditedDictionary<Int, Int>] = []
    audited.reserveCapacity(count)
    let before = measurement_allocated_bytes()
    for number in 0..<count { plain[number][number] = number }
    let between = measurement_allocated_bytes()
    for number in 0..<count { audited.append([number: number]) }
    // Before the detector has statistics of them, and after; a creation is no access.
    let after = measurement_allocated_bytes()
    for number in 0..<count { audited[number][number] = number + 1 }
    AccessAudit.flush()
    let settled = measurement_allocated_bytes()
    let each = { (a: UInt64, b: UInt64) in (Double(b) - Double(a)) / Double(count) }
    print("collection, allocated beyond Dictionary", each(between, after) - each(before, between))
    print("collection, with the detector's statistics", each(between, settled) - each(before, between))
    withExtendedLifetime((plain, audited)) {}
  }

  /// A thread that has made an access and stays alive.
  private final class Visitor: ThreadBody {
    let makesAccess: Bool
    let arrived = DispatchSemaphore(value: 0)
    let leave = DispatchSemaphore(value: 0)
    private let holder = Holder()

    init(_ makesAccess: Bool) { self.makesAccess = makesAccess }

    override func main() {
      if makesAccess { holder.audited[1] = 1 } else { holder.plain[1] = 1 }
      arrived.signal()
      leave.wait()
    }
  }

  private static func threads() {
    func bytes(_ makeAccess: Bool) -> Double {
      let visitors = (0..<50).map { _ in Visitor(makeAccess) }
      let before = measurement_allocated_bytes()
      let threads = visitors.map { $0.start() }
      for visitor in visitors { visitor.arrived.wait() }
      let after = measurement_allocated_bytes()
      for visitor in visitors { visitor.leave.signal() }
      for thread in threads { pthread_join(thread, nil) }
      return (Double(after) - Double(before)) / Double(visitors.count)
    }
    let plain = bytes(false)
    print("thread", bytes(true) - plain)
  }

  /// Writable anonymous memory without the threads' stacks: its address space and its resident
  /// part.
  private static func mappedBytes() -> (size: Int, resident: Int, table: Int) {
    var table = 0
    var (total, resident, size, isCounted) = (0, 0, 0, false)
    var isBelowGuard = false
    guard let file = fopen("/proc/self/smaps", "r") else { return (0, 0, 0) }
    defer { fclose(file) }
    var buffer = [CChar](repeating: 0, count: 4096)
    // Line by line: the kernel returns the file in parts, and a read of the whole stopped after the
    // first.
    while fgets(&buffer, Int32(buffer.count), file) != nil {
      let line = String(decoding: buffer.prefix { $0 != 0 && $0 != 10 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
      let words = line.split(separator: " ")
      if let first = words.first, first.contains("-"), !first.hasSuffix(":") {
        let isAnonymous = words.count == 5
        isCounted = isAnonymous && words[1].hasPrefix("rw") && !isBelowGuard
        isBelowGuard = isAnonymous && words[1] == "---p"
      } else if words.first == "Size:" {
        size = (Int(words[1]) ?? 0) * 1024
        // A thread's guard is a page; the reserved part of a malloc arena is larger.
        if size > 64 << 10 { isBelowGuard = false }
        if isCounted {
          total += size
          if size == 16 << 20 { table = size }
        }
      } else if words.first == "Rss:", isCounted {
        resident += (Int(words[1]) ?? 0) * 1024
      }
    }
    return (total, resident, table)
  }
}
