// SPDX-License-Identifier: Apache-2.0
//
// The hash of the models with tables of their own. It calls the key's `hash(into:)`, so it must not
// run under a lock that the key's code could want.

/// Hashes keys for one dictionary.
///
/// Integers are mixed with two secret words by one full multiplication, drawn at random for each
/// dictionary, and spread by a second one: neighbouring integers come out of the first as steps of
/// one width, and for one secret in some hundreds that width puts all of them into few places.
/// Everything else goes through `Hashable`, that is SipHash with the process's random seed.
@usableFromInline
struct KeyHasher<Key: Hashable>: Sendable {
  @usableFromInline let addend: UInt64
  @usableFromInline let multiplier: UInt64

  @usableFromInline
  init() {
    addend = .random(in: 0 ... .max)
    // Odd, so that no bit is lost, with a high bit set, so that high bits are reached.
    multiplier = .random(in: 0 ... .max) | 1 | (1 << 62)
  }

  /// The hash of a key, never 0.
  @inlinable @inline(__always)  // The test of the type costs nothing once the caller is specialised.
  func hash(_ key: Key) -> UInt {
    let plain: UInt64
    if Key.self == Int.self {
      plain = UInt64(bitPattern: Int64(unsafeBitCast(key, to: Int.self)))
    } else if Key.self == UInt.self {
      plain = UInt64(unsafeBitCast(key, to: UInt.self))
    } else if Key.self == UInt64.self {
      plain = unsafeBitCast(key, to: UInt64.self)
    } else if Key.self == Int64.self {
      plain = UInt64(bitPattern: unsafeBitCast(key, to: Int64.self))
    } else if Key.self == UInt32.self {
      plain = UInt64(unsafeBitCast(key, to: UInt32.self))
    } else if Key.self == Int32.self {
      plain = UInt64(UInt32(bitPattern: unsafeBitCast(key, to: Int32.self)))
    } else {
      return UInt(bitPattern: key.hashValue) | Self.mark
    }
    let product = (plain ^ addend).multipliedFullWidth(by: multiplier)
    // The golden ratio's multiplier (D. Knuth, "The Art of Computer Programming", volume 3, section
    // 6.4) makes every higher bit depend on every lower one; the shift brings them down to where
    // tables begin.
    let spread = (product.high ^ product.low) &* 0x9E37_79B9_7F4A_7C15
    return UInt(truncatingIfNeeded: spread ^ (spread >> 32)) | Self.mark
  }

  /// The highest bit, set in every hash: 0 is free to mean an empty place.
  @inlinable static var mark: UInt { 1 << 63 }
}

extension Equatable {
  /// Whether a look-up can find this key. `Double.nan` is not equal to itself.
  @inlinable
  var equalsItself: Bool { self == self }
}
