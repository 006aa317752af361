// SPDX-License-Identifier: Apache-2.0
//
// The counters of safe dictionaries in Prometheus's text format, version 0.0.4. Formats; serves
// nothing. No label has values without bound: the only one is the dictionary's own, given by the
// program.

/// The page that Prometheus scrapes.
enum PrometheusText {
  /// What one dictionary has counted.
  struct Source: Sendable {
    var prefix: String
    var label: String
    var counts: [(SafeDictionaryEvent, Int)]
    var latencies: [(SafeDictionaryOperation, OperationHistograms.Histogram)]
  }

  /// Whether a text may begin the name of a metric. Colons are for Prometheus's own rules.
  static func isName(_ text: String) -> Bool {
    guard let first = text.utf8.first, !isDigit(first) else { return false }
    return text.utf8.allSatisfy { byte in
      isDigit(byte) || (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20) || byte == UInt8(ascii: "_")
    }
  }

  private static func isDigit(_ byte: UInt8) -> Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) }

  /// A page with every family once, whatever number of dictionaries share its name.
  static func page(_ sources: [Source]) -> String {
    var page = ""
    var seen: [String] = []
    for prefix in sources.map(\.prefix) where !seen.contains(prefix) {
      seen.append(prefix)
      let group = sources.filter { $0.prefix == prefix }
      for event in SafeDictionaryEvent.allCases { append(event, prefix, group, to: &page) }
      for operation in SafeDictionaryOperation.allCases { append(operation, prefix, group, to: &page) }
    }
    return page
  }

  private static func append(
    _ event: SafeDictionaryEvent, _ prefix: String, _ sources: [Source], to page: inout String
  ) {
    let name = "\(prefix)_\(event.metric.name)_total"
    page += "# HELP \(name) \(event.metric.help)\n# TYPE \(name) counter\n"
    for source in sources {
      let count = source.counts.first { $0.0 == event }?.1 ?? 0
      page += "\(name){map=\"\(escaped(source.label))\"} \(count)\n"
    }
  }

  private static func append(
    _ operation: SafeDictionaryOperation, _ prefix: String, _ sources: [Source], to page: inout String
  ) {
    let name = "\(prefix)_\(operation.metric.name)_duration_seconds"
    page += "# HELP \(name) \(operation.metric.help)\n# TYPE \(name) histogram\n"
    for source in sources {
      guard let histogram = source.latencies.first(where: { $0.0 == operation })?.1 else { continue }
      let label = "map=\"\(escaped(source.label))\""
      var below = 0
      for (bound, count) in zip(OperationHistograms.bounds, histogram.counts) {
        below += count
        page += "\(name)_bucket{\(label),le=\"\(Double(bound) / 1e9)\"} \(below)\n"
      }
      // From the same counts as the buckets, so that they agree although others go on counting.
      page += "\(name)_bucket{\(label),le=\"+Inf\"} \(histogram.count)\n"
      page += "\(name)_sum{\(label)} \(Double(histogram.nanoseconds) / 1e9)\n"
      page += "\(name)_count{\(label)} \(histogram.count)\n"
    }
  }

  private static func escaped(_ text: String) -> String {
    var result = ""
    for character in text.unicodeScalars {
      switch character {
      case "\\": result += "\\\\"
      case "\"": result += "\\\""
      case "\n": result += "\\n"
      default: result.unicodeScalars.append(character)
      }
    }
    return result
  }
}

extension SafeDictionaryEvent {
  /// What the counter is called, without prefix and `_total`, and what it says.
  fileprivate var metric: (name: String, help: String) {
    switch self {
    case .hits: ("hit", "Reads that found a value.")
    case .misses: ("miss", "Reads that found no value, or one that was too old.")
    case .loads: ("load", "Calls of a loader.")
    case .loadFailures: ("load_failure", "Calls of a loader that threw.")
    case .fallbacks: ("fallback", "Values that came from a fallback.")
    case .waits: ("wait", "Operations that had to wait for another.")
    case .timeouts: ("timeout", "Operations given up at their deadline.")
    case .cancellations: ("cancellation", "Operations given up because their task was cancelled.")
    case .evictions: ("eviction", "Elements removed because there was too much.")
    case .expirations: ("expiration", "Elements removed because they were too old.")
    }
  }
}

extension SafeDictionaryOperation {
  /// What the histogram is called, without prefix and `_duration_seconds`, and what it says.
  fileprivate var metric: (name: String, help: String) {
    switch self {
    case .get: ("get", "How long reads took that found a value or did not load one.")
    case .load: ("load", "How long reads took that had a missing value loaded.")
    case .set: ("set", "How long it took to store a value.")
    case .insert: ("insert", "How long it took to store a value unless there was one.")
    case .update: ("update", "How long it took to change a value in place.")
    case .delete: ("delete", "How long it took to remove a key.")
    case .removeAll: ("remove_all", "How long it took to remove all elements, or those that match.")
    case .count: ("size", "How long it took to ask for the number of elements.")
    case .snapshot: ("snapshot", "How long it took to copy all elements.")
    case .purge: ("purge", "How long it took to remove what was too old when that was asked for.")
    }
  }
}
