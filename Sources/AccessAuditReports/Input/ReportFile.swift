// SPDX-License-Identifier: Apache-2.0
//
// Reading reports back from files: one violation, several one after another, or what
// `show --format json` wrote. Reads files; judges nothing.

#if REPORTS && canImport(Glibc)

package import AccessReports
internal import AccessTerms
internal import FoundationEssentials

/// A violation and the file it came from.
package struct LoadedReport: Sendable {
  package var violation: Violation
  package var file: String
  /// How often the violation was seen in all that this report stands for.
  package var timesSeen: UInt64
  /// The runs that this report stands for.
  package var runs: Set<String>
  /// Where it was seen, when this report stands for those of a stream.
  package var fleet: FleetTally?

  package init(violation: Violation, file: String) {
    self.violation = violation
    self.file = file
    timesSeen = max(1, violation.timesSeen)
    runs = [violation.runName]
  }
}

extension Violation {
  /// What tells the process that saw the violation from others.
  package var runName: String { "\(process.executable) \(process.pid) \(process.time.prefix(10))" }
}

/// Why a file could not be read as reports.
package struct ReportFileError: Error, CustomStringConvertible {
  package var description: String

  package init(description: String) { self.description = description }
}

package enum ReportFile {
  /// The reports of a file, or of all `.json` files in a folder.
  ///
  /// - Throws: `ReportFileError` when a file cannot be read or holds something else.
  package static func load(_ path: String) throws -> [LoadedReport] {
    var isFolder = false
    guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) else {
      throw ReportFileError(description: "\(path): no such file or folder")
    }
    guard isFolder else { return try read(path) }
    let names = try FileManager.default.contentsOfDirectory(atPath: path).filter { $0.hasSuffix(".json") }
    return try names.sorted().flatMap { try read("\(path)/\($0)") }
  }

  /// How many files in the folder are reports as text, as log_format=text writes them.
  package static func textReports(in path: String) -> Int {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []
    // PREFIX.PID.N.txt
    return names.count { name in
      let parts = name.split(separator: ".")
      return parts.count >= 4 && parts.last == "txt" && parts.suffix(3).dropLast().allSatisfy { Int($0) != nil }
    }
  }

  private static func read(_ path: String) throws -> [LoadedReport] {
    guard let data = FileManager.default.contents(atPath: path) else {
      throw ReportFileError(description: "\(path): cannot be read")
    }
    return try reports(in: Array(data), file: path)
  }

  /// The reports in the bytes of a file.
  package static func reports(in bytes: [UInt8], file: String) throws -> [LoadedReport] {
    let values = JSONValues.split(bytes)
    guard let values else { throw ReportFileError(description: "\(file): is not JSON") }
    return try values.enumerated().flatMap { index, value in
      let place = values.count == 1 ? file : "\(file): value \(index + 1)"
      return try decode(value, file: file, place: place)
    }
  }

  private static let ownBegin = Array(#"{"schema":"\#(Violation.schemaName)","#.utf8)

  private struct Header: Decodable { var schema: String? }

  /// Whether the bytes are one object with a schema of this package.
  static func isReport(_ bytes: [UInt8]) -> Bool {
    let schema = try? JSONDecoder().decode(Header.self, from: Data(bytes)).schema
    return schema == Violation.schemaName || schema == MergedReports.schemaName
  }

  private static func decode(_ bytes: ArraySlice<UInt8>, file: String, place: String) throws -> [LoadedReport] {
    let decoder = JSONDecoder()
    let data = Data(bytes)
    // What an audited process wrote begins with its schema, which need not be looked for.
    let isOwn = bytes.starts(with: Self.ownBegin)
    do {
      switch isOwn ? Violation.schemaName : try decoder.decode(Header.self, from: data).schema {
      case Violation.schemaName:
        let violation = try decoder.decode(Violation.self, from: data)
        try check(violation, place)
        return [LoadedReport(violation: violation, file: file)]
      case MergedReports.schemaName:
        return try decoder.decode(MergedReports.self, from: data).violations.map { merged in
          try check(merged.report, place)
          var report = LoadedReport(violation: merged.report, file: file)
          report.timesSeen = merged.timesSeen
          report.runs = Set(merged.runs)
          return report
        }
      case let other?: throw ReportFileError(description: "\(place): has the unknown schema '\(other)'")
      case nil: throw ReportFileError(description: "\(place): is no report: the key 'schema' is missing")
      }
    } catch let error as ReportFileError {
      throw error
    } catch DecodingError.keyNotFound(let key, let context) {
      let path = (context.codingPath + [key]).map(\.stringValue).joined(separator: ".")
      throw ReportFileError(description: "\(place): the key '\(path)' is missing")
    } catch DecodingError.dataCorrupted(let context) where context.codingPath.isEmpty {
      throw ReportFileError(description: "\(place): is not JSON")
    } catch let error as DecodingError {
      throw ReportFileError(description: "\(place): \(Self.reason(error))")
    }
  }

  /// What the rest of the program takes for granted.
  private static func check(_ violation: Violation, _ place: String) throws {
    guard violation.accesses.count == 2 else {
      throw ReportFileError(description: "\(place): has not two accesses")
    }
    if let name = PlausibleNumbers.firstImplausible(in: violation) {
      throw ReportFileError(description: "\(place): '\(name)' has a value that cannot be")
    }
  }

  private static func reason(_ error: DecodingError) -> String {
    switch error {
    case .dataCorrupted(let context), .typeMismatch(_, let context), .valueNotFound(_, let context),
      .keyNotFound(_, let context):
      "'\(context.codingPath.map(\.stringValue).joined(separator: "."))' has a value that is not understood"
    @unknown default: "is not understood"
    }
  }
}

/// Splitting text into the JSON objects it holds.
package enum JSONValues {
  /// The top-level objects, which may follow one another with white space between; `nil` when there
  /// is anything else, or none.
  ///
  /// - Complexity: O(n).
  package static func split(_ bytes: [UInt8]) -> [ArraySlice<UInt8>]? {
    var values: [ArraySlice<UInt8>] = []
    var depth = 0
    var start = 0
    var isInString = false
    var isEscaped = false
    for (index, byte) in bytes.enumerated() {
      if isInString {
        if isEscaped {
          isEscaped = false
        } else if byte == UInt8(ascii: "\\") {
          isEscaped = true
        } else if byte == UInt8(ascii: "\"") {
          isInString = false
        }
        continue
      }
      switch byte {
      case UInt8(ascii: "\"") where depth > 0: isInString = true
      case UInt8(ascii: "{"):
        if depth == 0 { start = index }
        depth += 1
      case UInt8(ascii: "}") where depth > 0:
        depth -= 1
        if depth == 0 { values.append(bytes[start...index]) }
      case UInt8(ascii: " "), UInt8(ascii: "\n"), UInt8(ascii: "\r"), UInt8(ascii: "\t"): break
      default: if depth == 0 { return nil }
      }
    }
    return depth == 0 && !values.isEmpty ? values : nil
  }
}

#endif
