// SPDX-License-Identifier: Apache-2.0
//
// The output formats by name. Each format is a file of its own; none decides what counts.

#if Tools

  /// The forms a report can be written in.
  public enum ReportFormat: String, Sendable, CaseIterable {
    case text
    case sarif
    case github
    case json

    /// The report in this form.
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
