// SPDX-License-Identifier: Apache-2.0
//
// Thumbnails by page: check, wait, then act. Every task sees that there is none, and all of them
// store theirs.

public final class ThumbnailCache: @unchecked Sendable {
  private var thumbnails: [String: [UInt8]] = [:]

  public init() {}

  public func thumbnail(of page: String) async -> [UInt8] {
    if let known = thumbnails[page] { return known }
    let made = await render(page)
    thumbnails[page] = made
    return made
  }

  private func render(_ page: String) async -> [UInt8] {
    try? await Task.sleep(nanoseconds: 2_000_000)
    return Array(page.utf8)
  }
}
