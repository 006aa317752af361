// SPDX-License-Identifier: Apache-2.0
//
// A short name for a text, such as a race's identity.

#if REPORTS && canImport(Glibc)

package enum Fingerprint {
  /// 16 hexadecimal digits: FNV-1a, 64 bits (Fowler, Noll and Vo), the same on every machine.
  package static func hash(_ text: String) -> String {
    var hash: UInt64 = 0xCBF2_9CE4_8422_2325
    for byte in text.utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
    let digits = String(hash, radix: 16)
    return String(repeating: "0", count: 16 - digits.count) + digits
  }
}

extension Violation {
  /// Names the race in every build in which its two functions and its collection have their names,
  /// whatever the lines. Two races between the same functions have the same name.
  package var raceFingerprint: String { Fingerprint.hash(RaceIdentity.withoutLines(self)) }
}

#endif
