// SPDX-License-Identifier: Apache-2.0
//
// The adviser's answer on a recording, as text and JSON, with the machine of the table. Formats.

#if REPORTS && canImport(Glibc)

internal import Foundation

/// What to do about each collection of a recording. Its coded form is the JSON schema
/// "access-audit-advice/1".
package struct AdviceReport: Codable, Equatable {
  package var schema = "access-audit-advice/1"
  /// The machine on which the models were measured.
  package var machine: String
  package var advice: [Advice]

  package init(_ report: TrafficReport, by costs: MeasuredCosts = .shipped) {
    machine = costs.machine
    advice = Adviser(costs).advise(report)
  }

  package var text: String {
    if advice.isEmpty { return "No accesses were recorded.\n" }
    return advice.map(\.text).joined(separator: "\n") + "\nThe models were measured on: \(machine)\n"
  }

  package var json: String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    return (try? encoder.encode(self)).map { String(decoding: $0, as: UTF8.self) + "\n" } ?? "{}\n"
  }
}

#endif
