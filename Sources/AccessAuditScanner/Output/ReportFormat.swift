// SPDX-License-Identifier: Apache-2.0
//
// The output formats by name. Each format has its own file; none decides which findings count.

#if Scanner

/// The output formats of a report.
public enum ReportFormat: String, Sendable, CaseIterable {
  case text
  case sarif
  case github
  case json

  /// The report in this format.
  public func render(_ report: ScanReport) -> String {
    switch self {
    case .text: TextReport.render(report)
    case .sarif: SARIFReport.render(report)
    case .github: GitHubReport.render(report)
    case .json: JSONReport.render(report)
    }
  }
}

#endif
