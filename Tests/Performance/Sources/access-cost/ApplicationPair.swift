// SPDX-License-Identifier: Apache-2.0
//
// One application on the plain and on the audited dictionary, in turn. Its result must be the same.

import CMeasurement
import Foundation
import LoopInterface

/// Measures one application, a round at a time; nanoseconds of a whole run.
final class ApplicationPair {
  private(set) var sample: Sample
  private let plain: Application
  private let audited: Application
  private let plainOnly: Bool
  private var expected: Int?

  init(plain: Application, audited: Application, subject: String, plainOnly: Bool) {
    self.plain = plain
    self.audited = audited
    self.plainOnly = plainOnly
    sample = Sample(
      build: Build.name, subject: subject, operation: plain.name, key: "String", depth: 0, threads: 1)
  }

  func measure(round: Int) {
    for isAudited in round % 2 == 0 ? [false, true] : [true, false] where !(isAudited && plainOnly) {
      let application = isAudited ? audited : plain
      let begin = measurement_nanoseconds()
      let result = application.run()
      let nanoseconds = Double(measurement_nanoseconds() - begin)
      precondition(result == expected ?? result, "\(application.name) did something else this time")
      expected = result
      if isAudited { sample.nanoseconds.append(nanoseconds) } else { sample.plain.append(nanoseconds) }
    }
  }
}

/// The text that the word count reads.
enum TextFiles {
  /// Swift sources and documents of a package, in their order; at most `most` bytes of them.
  static func sources(_ folder: URL, bytes most: Int) -> [URL] {
    let keys: [URLResourceKey] = [.fileSizeKey, .isRegularFileKey]
    let found = FileManager.default.enumerator(
      at: folder.appendingPathComponent("Sources"), includingPropertiesForKeys: keys, options: .skipsHiddenFiles)
    var bytes = 0
    let files = (found?.compactMap { $0 as? URL } ?? [])
      .filter { ["swift", "md", "h", "c"].contains($0.pathExtension) }
      .sorted { $0.path < $1.path }
      .prefix { file in
        bytes += (try? file.resourceValues(forKeys: [.fileSizeKey]).fileSize) ?? 0
        return bytes < most
      }
    precondition(!files.isEmpty, "no text in \(folder.path)")
    return Array(files)
  }
}
