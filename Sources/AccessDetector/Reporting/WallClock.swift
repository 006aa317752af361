// SPDX-License-Identifier: Apache-2.0
//
// From a moment on the engine's clock to the time of day in a report.

#if AUDITED && canImport(Glibc)

internal import AccessRecorder
internal import Glibc

/// Wall-clock time for readers of reports.
enum WallClock {
  /// Nanoseconds since 1970.
  static var nanoseconds: Int64 {
    var now = timespec()
    clock_gettime(CLOCK_REALTIME, &now)
    return Int64(now.tv_sec) &* 1_000_000_000 &+ Int64(now.tv_nsec)
  }

  /// UTC, ISO 8601 with milliseconds, of a moment that has passed.
  static func timestamp(_ past: Moment) -> String {
    let age = Int64(clamping: Moment.now().nanoseconds(since: past))
    let moment = nanoseconds &- age
    var seconds = time_t(moment / 1_000_000_000)
    var parts = tm()
    gmtime_r(&seconds, &parts)
    func padded(_ value: Int, _ width: Int) -> String {
      let text = String(value)
      return String(repeating: "0", count: max(0, width - text.count)) + text
    }
    let date =
      "\(padded(Int(parts.tm_year) + 1900, 4))-\(padded(Int(parts.tm_mon) + 1, 2))-\(padded(Int(parts.tm_mday), 2))"
    let time = "\(padded(Int(parts.tm_hour), 2)):\(padded(Int(parts.tm_min), 2)):\(padded(Int(parts.tm_sec), 2))"
    return "\(date)T\(time).\(padded(Int(moment / 1_000_000 % 1000), 3))Z"
  }
}

#endif
