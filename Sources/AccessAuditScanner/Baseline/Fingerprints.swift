// SPDX-License-Identifier: Apache-2.0
//
// Fingerprints of findings. They stay the same when lines move, and differ for two findings of one
// symbol in one function.

#if Scanner

/// Gives findings their fingerprints.
enum Fingerprints {
  /// - Complexity: O(*n*) in the number of findings.
  static func assign(to findings: inout [Finding]) {
    var counts: [String: Int] = [:]
    for position in findings.indices {
      let finding = findings[position]
      let key = [finding.rule, finding.place.path, finding.symbol, finding.function].joined(separator: "\u{0}")
      let number = counts[key, default: 0]
      counts[key] = number + 1
      findings[position].fingerprint = hash("\(key)\u{0}\(number)")
    }
  }

  /// FNV-1a, 64 bits, in hexadecimal: not secret, and the same on every run.
  static func hash(_ text: String) -> String {
    var value: UInt64 = 0xcbf2_9ce4_8422_2325
    for byte in text.utf8 { value = (value ^ UInt64(byte)) &* 0x0000_0100_0000_01b3 }
    let digits = String(value, radix: 16)
    return String(repeating: "0", count: 16 - digits.count) + digits
  }
}

#endif
