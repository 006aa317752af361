// SPDX-License-Identifier: Apache-2.0
//
// Numbers for people: with units, and no more digits than they are worth. Pure.

#if REPORTS && canImport(Glibc)

enum Numbers {
  /// `1,234,567`.
  static func grouped(_ number: some BinaryInteger) -> String {
    let digits = Array(String(number))
    var text = ""
    for (index, digit) in digits.enumerated() {
      if index > 0, (digits.count - index) % 3 == 0, digits[index - 1] != "-" { text.append(",") }
      text.append(digit)
    }
    return text
  }

  /// With this many decimals.
  static func fixed(_ number: Double, _ decimals: Int = 1) -> String {
    guard number.isFinite, abs(number) < 1e15 else { return "?" }
    var scale = 1.0
    for _ in 0..<decimals { scale *= 10 }
    let scaled = Int64((abs(number) * scale).rounded())
    let sign = number < 0 && scaled > 0 ? "-" : ""
    if decimals == 0 { return sign + String(scaled) }
    let (whole, rest) = scaled.quotientAndRemainder(dividingBy: Int64(scale))
    let digits = String(rest)
    return "\(sign)\(whole).\(String(repeating: "0", count: decimals - digits.count))\(digits)"
  }

  static func percent(_ share: Double) -> String {
    let percent = share * 100
    return percent > 0 && percent < 1 || percent > 99 && percent < 100
      ? fixed(percent) + " %" : fixed(percent, 0) + " %"
  }

  static func duration(nanoseconds: Double) -> String {
    switch nanoseconds {
    case ..<1_000: fixed(nanoseconds, 0) + " ns"
    case ..<1e6: fixed(nanoseconds / 1e3) + " µs"
    case ..<1e9: fixed(nanoseconds / 1e6) + " ms"
    default: fixed(nanoseconds / 1e9) + " s"
    }
  }

  static func rate(_ perSecond: Double) -> String {
    switch perSecond {
    case ..<10: fixed(perSecond) + "/s"
    case ..<1e4: fixed(perSecond, 0) + "/s"
    case ..<1e6: fixed(perSecond / 1e3, 0) + " thousand/s"
    default: fixed(perSecond / 1e6) + " million/s"
    }
  }
}

#endif
