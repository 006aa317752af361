// SPDX-License-Identifier: Apache-2.0
//
// The outcomes of tests, as their two runners print them. Text only.

#if Scanner && canImport(Glibc)

/// The tests that were run, and those that failed.
package struct TestTally: Sendable, Equatable {
  package private(set) var tests = 0
  package private(set) var failed: Set<String> = []
  private var rest: [UInt8] = []
  /// XCTest says the number for each suite, the largest last.
  private var ofXCTest = 0
  private var ofSwiftTesting = 0

  package init() {}

  /// Reads more of the output.
  package mutating func read(_ bytes: some Collection<UInt8>) {
    rest += bytes
    while let end = rest.firstIndex(of: 0x0A) {
      line(String(decoding: rest[..<end], as: UTF8.self))
      rest.removeSubrange(...end)
    }
  }

  private mutating func line(_ line: String) {
    if let match = line.firstMatch(of: #/Executed (\d+) tests?, with/#) {
      ofXCTest = max(ofXCTest, Int(match.output.1) ?? 0)
    } else if let match = line.firstMatch(of: #/Test run with (\d+) tests? /#) {
      ofSwiftTesting += Int(match.output.1) ?? 0
    } else if let match = line.firstMatch(of: #/Test Case '(.+)' failed \(/#) {
      failed.insert(String(match.output.1))
    } else if let match = line.firstMatch(of: #/^\S+ {1,2}Test (?!run with)(?!case )(.+?) failed after /#) {
      failed.insert(String(match.output.1))
    } else {
      return
    }
    tests = ofXCTest + ofSwiftTesting
  }

  package var description: String {
    guard tests > 0 else { return "no tests" }
    let count = "\(tests) test\(tests == 1 ? "" : "s")"
    return failed.isEmpty ? "\(count) passed" : "\(failed.count) of \(count) failed"
  }
}

#endif
