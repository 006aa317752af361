// SPDX-License-Identifier: Apache-2.0
// Shape: an index found under the lock, used after it was given back and taken again.
// expect: kept-index Playlist.songs
import Foundation

final class Playlist {
  private let lock = NSLock()
  private var songs: [String] = []

  func add(_ song: String) {
    lock.withLock { songs.append(song) }
  }

  func rename(_ old: String, to new: String) {
    let position = lock.withLock { songs.firstIndex(of: old) }
    if let position {
      lock.withLock { songs[position] = new }
    }
  }
}
