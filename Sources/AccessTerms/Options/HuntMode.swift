// SPDX-License-Identifier: Apache-2.0
//
// The option `hunt` as a value. Nothing here has an effect by itself.

/// Whether accesses are held open where another one may run into them, and how much of the time
/// that may take.
public enum HuntMode: Sendable, Hashable {
  /// ``on`` in debug builds, ``off`` in release builds.
  case automatic
  case off
  /// With a budget of ten percent.
  case on
  /// With a budget of so many percent of the time, 1 to 90.
  case percent(Int)

  /// What `hunt=on` allows.
  static var usualPercent: Int { 10 }
  static var range: ClosedRange<Int> { 1...90 }

  /// The budget; 0 is off.
  package var percent: Int {
    switch self {
    case .automatic:
      #if DEBUG
      Self.usualPercent
      #else
      0
      #endif
    case .off: 0
    case .on: Self.usualPercent
    case .percent(let percent): percent
    }
  }

  /// As the option has it.
  var text: String {
    switch self {
    case .automatic: "auto"
    case .off: "off"
    case .on: "on"
    case .percent(let percent): String(percent)
    }
  }

  init?(text: String) {
    switch text {
    case "auto": self = .automatic
    case "off", "0": self = .off
    case "on": self = .on
    default:
      guard let percent = Int(text), Self.range.contains(percent) else { return nil }
      self = .percent(percent)
    }
  }
}
