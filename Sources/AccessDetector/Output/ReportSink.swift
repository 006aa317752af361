// SPDX-License-Identifier: Apache-2.0
//
// Where reports go: a standard stream or files that nobody else can have prepared. What cannot be
// written to a file goes to stderr, with the reason, once.

#if AUDITED && canImport(Glibc)

internal import AccessReports
internal import AccessTerms
internal import Glibc

/// Writes reports. Used by the detector only.
final class ReportSink {
  var configuration: AuditConfiguration
  private var number = 0
  private var hasWarned = false

  init(_ configuration: AuditConfiguration) { self.configuration = configuration }

  /// Whether reports go to files of their own.
  var writesFiles: Bool { !["stderr", "", "stdout"].contains(configuration.logPath) }

  private var formats: [ReportFormat] { configuration.logFormat.sorted(by: { $0.rawValue > $1.rawValue }) }

  /// - Parameter announcesFiles: Whether a line on stderr says what was seen, and in which file it
  ///   stands.
  func write(_ violation: Violation, announcesFiles: Bool = true) {
    let formats = self.formats
    switch configuration.logPath {
    case "stderr", "": for format in formats { print(violation, format, STDERR_FILENO) }
    case "stdout": for format in formats { print(violation, format, STDOUT_FILENO) }
    default:
      let paths = writeFiles(violation, formats)
      if announcesFiles, !paths.isEmpty {
        Diagnostics.say(
          "AccessAudit: \(violation.summaryLine); report: "
            + paths.map { TextEscaping.printable($0) }.joined(separator: ", "))
      }
    }
  }

  /// Writes it to where nobody reads.
  func rehearse(_ violation: Violation) {
    let nowhere = open("/dev/null", O_WRONLY | O_CLOEXEC)
    guard nowhere >= 0 else { return }
    defer { close(nowhere) }
    for format in formats { print(violation, format, nowhere) }
  }

  private func print(_ violation: Violation, _ format: ReportFormat, _ descriptor: Int32) {
    Diagnostics.writeAll(render(violation, format, descriptor), to: descriptor)
  }

  private func render(_ violation: Violation, _ format: ReportFormat, _ descriptor: Int32?) -> String {
    switch format {
    // One event of a log pipeline; in a file, for people to read.
    case .json: return descriptor == nil ? JSONRenderer.render(violation) : JSONRenderer.line(violation)
    case .text:
      let usesColor =
        switch configuration.color {
        case .always: true
        case .never: false
        case .auto: descriptor.map { isatty($0) == 1 } ?? false
        }
      return TextRenderer(
        style: TextStyle(
          usesColor: usesColor, stripPathPrefix: configuration.stripPathPrefix,
          showsHiddenFrames: configuration.verbosity > 0)
      ).render(violation)
    }
  }

  /// `PREFIX.PID.N.txt` and `.json`, all formats of a report under one number.
  ///
  /// - Returns: the files that have it.
  private func writeFiles(_ violation: Violation, _ formats: [ReportFormat]) -> [String] {
    var reason: Int32 = 0
    let prefix = self.prefix
    // A number is taken when an earlier process had the same ID, as the first one in a container
    // has, or when a library brought an audit of its own.
    for _ in 0..<Self.numbersTried {
      number += 1
      let paths = formats.map { "\(prefix).\(getpid()).\(number).\($0 == .text ? "txt" : "json")" }
      var descriptors: [Int32] = []
      for path in paths {
        let descriptor = Self.create(path)
        reason = descriptor < 0 ? errno : 0
        if descriptor < 0 { break }
        descriptors.append(descriptor)
      }
      if descriptors.count == formats.count {
        return formats.indices.filter { fill(descriptors[$0], paths[$0], violation, formats[$0]) }.map { paths[$0] }
      }
      for (index, descriptor) in descriptors.enumerated() {
        close(descriptor)
        unlink(paths[index])
      }
      guard reason == EEXIST else {
        for (path, format) in zip(paths, formats) { fallBack(violation, format, path, reason) }
        return []
      }
    }
    for format in formats { fallBack(violation, format, "\(prefix).\(getpid())", reason) }
    return []
  }

  /// What the names of the files begin with. Of a folder, which is made when it is not there, a
  /// name that `ls` shows.
  private var prefix: String {
    guard configuration.logPath.hasSuffix("/") else { return configuration.logPath }
    var end = configuration.logPath.startIndex
    while let slash = configuration.logPath[end...].dropFirst().firstIndex(of: "/") {
      mkdir(String(configuration.logPath[..<slash]), 0o700)
      end = slash
    }
    return configuration.logPath + "access-audit"
  }

  /// Numbers tried for one report, before it goes to stderr.
  private static let numbersTried = 1_000

  /// Made new, mode 0600, never through a link.
  private static func create(_ path: String) -> Int32 {
    open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o600)
  }

  private func fill(_ descriptor: Int32, _ path: String, _ violation: Violation, _ format: ReportFormat) -> Bool {
    let isWritten = Diagnostics.writeAll(render(violation, format, nil), to: descriptor)
    let reason = errno
    guard close(descriptor) == 0, isWritten else {
      fallBack(violation, format, path, reason)
      return false
    }
    return true
  }

  private func fallBack(_ violation: Violation, _ format: ReportFormat, _ path: String, _ reason: Int32) {
    if !hasWarned {
      hasWarned = true
      let text = String(cString: strerror(reason))
      Diagnostics.warn("cannot write '\(TextEscaping.printable(path))': \(text); reports go to stderr")
    }
    print(violation, format, STDERR_FILENO)
  }
}

#endif
