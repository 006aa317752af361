// SPDX-License-Identifier: Apache-2.0
// Shape: kiliankoe/swift-outdated #10: concurrentPerform fills a captured dictionary.
// expect: captured-variable versions
import Dispatch

func collectVersions(_ packages: [String]) -> [String: Int] {
  var versions: [String: Int] = [:]
  DispatchQueue.concurrentPerform(iterations: packages.count) { index in
    versions[packages[index]] = index
  }
  return versions
}
