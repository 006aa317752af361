// SPDX-License-Identifier: Apache-2.0
//
// Finding and reading text: any file that is UTF-8 without a null byte.

import Foundation

enum TextFiles {
  /// The files among the paths and in the directories among them, without hidden ones.
  static func find(_ paths: [String]) -> [URL] {
    paths.flatMap { path -> [URL] in
      let url = URL(fileURLWithPath: path)
      var isDirectory: ObjCBool = false
      guard FileManager.default.fileExists(atPath: url.path, isDirectory: &isDirectory) else { return [] }
      guard isDirectory.boolValue else { return [url] }
      let options: FileManager.DirectoryEnumerationOptions = [.skipsHiddenFiles]
      let found = FileManager.default.enumerator(at: url, includingPropertiesForKeys: nil, options: options)
      return (found?.compactMap { $0 as? URL } ?? []).filter { isFile($0) }
    }.sorted { $0.path < $1.path }
  }

  /// Every `workers`-th file, beginning with number `worker`.
  static func share(of worker: Int, among workers: Int, _ files: [URL]) -> [URL] {
    stride(from: worker, to: files.count, by: workers).map { files[$0] }
  }

  /// The words of a file in lower case; none when it is not text.
  static func words(_ file: URL) -> [String] {
    guard let data = try? Data(contentsOf: file), !data.contains(0) else { return [] }
    return String(decoding: data, as: UTF8.self).lowercased()
      .split { !$0.isLetter && !$0.isNumber }.map(String.init)
  }

  private static func isFile(_ url: URL) -> Bool {
    var isDirectory: ObjCBool = false
    return FileManager.default.fileExists(atPath: url.path, isDirectory: &isDirectory) && !isDirectory.boolValue
  }
}
