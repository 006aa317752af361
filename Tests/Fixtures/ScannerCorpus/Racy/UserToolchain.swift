// SPDX-License-Identifier: Apache-2.0
// Shape: swiftlang/swift-package-manager #9356: lazy properties first touched by several threads.
// expect: shared-lazy Toolchain.runtimePaths
import Foundation

final class Toolchain {
  lazy var runtimePaths: [String] = ["/usr/lib", "/lib"].filter { $0.hasPrefix("/") }

  func prepare() {
    DispatchQueue.concurrentPerform(iterations: 4) { index in
      print(self.runtimePaths.count + index)
    }
  }
}
