// SPDX-License-Identifier: Apache-2.0

import Foundation
import TestSupport

extension SeededGenerator {
  /// The seed of this run: the environment variable `REMEDIES_SEED`, else a fixed one.
  static let runSeed: UInt64 =
    ProcessInfo.processInfo.environment["REMEDIES_SEED"].flatMap { UInt64($0) } ?? 20_260_701
}
