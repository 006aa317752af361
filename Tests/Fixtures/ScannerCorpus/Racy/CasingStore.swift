// SPDX-License-Identifier: Apache-2.0
// Shape: macmixing/keyvox #36: static caches changed by instance methods.
// expect: mutable-global CasingStore.loadedPaths
import Foundation

struct CasingStore {
  private static var loadedPaths: Set<String> = []

  func load(_ path: String) -> Bool {
    CasingStore.loadedPaths.insert(path).inserted
  }
}
