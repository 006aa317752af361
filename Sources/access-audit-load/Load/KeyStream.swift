// SPDX-License-Identifier: Apache-2.0
//
// The keys and the choices between reading and writing, made before the timed part.

#if ReportTools && canImport(Glibc)
import AccessTraffic

/// Choices that threads walk through from different places.
final class KeyStream<Key: LoadKey>: @unchecked Sendable {
  let length: Int
  /// In the order of the operations, so that fetching the next one is cheap. Nothing is written
  /// after `init`.
  let keys: UnsafePointer<Key>
  /// 0 to 99: an operation reads if its number is below the read share. ``visit``: it visits all.
  let lots: UnsafePointer<UInt8>

  static var visit: UInt8 { .max }

  /// - Parameters:
  ///   - hotPercent: The share of operations of one key.
  ///   - visitPercent: The share of operations that visit all elements.
  init(keys count: Int, seed: UInt64, hotPercent: Int = 0, visitPercent: Int = 0) {
    length = count > 100_000 ? 1 << 20 : 1 << 16
    var random = RandomNumbers(seed: seed)
    let keys = UnsafeMutablePointer<Key>.allocate(capacity: length)
    let lots = UnsafeMutablePointer<UInt8>.allocate(capacity: length)
    for index in 0..<length {
      let number = random.below(count)
      let isHot = hotPercent > 0 && random.below(100) < hotPercent
      (keys + index).initialize(to: Key.make(isHot ? 0 : number))
      let isVisit = visitPercent > 0 && random.below(100) < visitPercent
      lots[index] = isVisit ? Self.visit : UInt8(random.below(100))
    }
    (self.keys, self.lots) = (UnsafePointer(keys), UnsafePointer(lots))
  }

  deinit {
    UnsafeMutablePointer(mutating: keys).deinitialize(count: length).deallocate()
    lots.deallocate()
  }

  static func elements(_ count: Int) -> [Key: Int] {
    Dictionary(uniqueKeysWithValues: (0..<count).map { (Key.make($0), $0) })
  }
}

/// The place of a thread or task in a stream.
struct Walk<Key: LoadKey> {
  let stream: KeyStream<Key>
  let readPercent: UInt8
  var position: Int
  var operations = 0
  /// A sum of the values read, so that the reads are not optimised away.
  var seen = 0

  init(_ stream: KeyStream<Key>, readPercent: Int, number: Int) {
    self.stream = stream
    self.readPercent = UInt8(readPercent)
    position = (number &* 7_919_337) & (stream.length - 1)
  }

  var key: Key { stream.keys[position] }
  var isRead: Bool { stream.lots[position] < readPercent }
  var isVisit: Bool { stream.lots[position] == KeyStream<Key>.visit }

  @inline(__always)  // Part of the timed code.
  mutating func advance() {
    position = (position &+ 1) & (stream.length &- 1)
    operations &+= 1
  }

  @inline(__always)  // The loop must hold the subject's code, specialised.
  mutating func step<Subject: LoadSubject>(_ subject: Subject) where Subject.Key == Key {
    if isRead {
      seen &+= subject.read(key) ?? 0
    } else if isVisit {
      seen &+= subject.visit()
    } else {
      subject.write(key, operations)
    }
    advance()
  }

  @inline(__always)  // As above.
  mutating func step<Subject: AsyncLoadSubject>(async subject: Subject) async where Subject.Key == Key {
    if isRead {
      seen &+= await subject.read(key) ?? 0
    } else if isVisit {
      seen &+= await subject.visit()
    } else {
      await subject.write(key, operations)
    }
    advance()
  }

  /// Uses the values read.
  func end() { if seen == .min { print("") } }
}
#endif
