// SPDX-License-Identifier: Apache-2.0
//
// Violations as SARIF 2.1.0 (OASIS), with what code scanning services ask for on top: stable rules,
// fingerprints, relative paths. Formats; looks nothing up.

#if REPORTS && canImport(Glibc)

internal import AccessReports
internal import AccessTerms

enum SARIFRenderer {
  static let schema = "https://json.schemastore.org/sarif-2.1.0.json"

  static func render(
    _ violations: [MergedViolation], known: [MergedViolation], _ settings: RenderSettings
  ) -> String {
    let results =
      violations.map { result($0, isKnown: false, settings) } + known.map { result($0, isKnown: true, settings) }
    var bases: [(String, JSONValue)] = []
    if !settings.sourceRoot.isEmpty {
      bases.append(("%SRCROOT%", .object([("uri", .string(uri(folder: settings.sourceRoot)))])))
    }
    return JSONValue.object([
      ("version", .string("2.1.0")), ("$schema", .string(schema)),
      (
        "runs",
        .array([
          .object([
            ("tool", .object([("driver", driver)])), ("columnKind", .string("utf16CodeUnits")),
            ("originalUriBaseIds", bases.isEmpty ? .null : .object(bases)), ("results", .array(results)),
          ])
        ])
      ),
    ]).text() + "\n"
  }

  private static var driver: JSONValue {
    .object([
      ("name", .string("AccessAudit")),
      (
        "rules",
        .array(
          ViolationKind.allCases.map { kind in
            .object([
              ("id", .string(kind.rawValue)),
              ("shortDescription", text(kind.message(for: .dictionary))), ("fullDescription", text(explanation(kind))),
              (
                "help",
                text(
                  "\(explanation(kind)) Give both places one lock, actor or queue, or a collection that is "
                    + "safe to share.")
              ),
              ("defaultConfiguration", .object([("level", .string("error"))])),
              ("properties", .object([("tags", .array([.string("concurrency"), .string("data-race")]))])),
            ])
          })
      ),
    ])
  }

  private static func explanation(_ kind: ViolationKind) -> String {
    switch kind {
    case .concurrentWrites: "A second thread began to mutate the collection while a first was mutating it."
    case .readDuringWrite: "A thread began to read the collection while another was mutating it."
    case .writeDuringRead: "A thread mutated the collection while another was reading it."
    case .replacedDuringWrite: "The variable was given another collection while it was being mutated."
    case .destroyedDuringAccess: "The collection was destroyed while an access to it was in progress."
    case .crashDuringAccess: "The process crashed in an access to a collection that another thread was mutating."
    }
  }

  private static func result(_ merged: MergedViolation, isKnown: Bool, _ settings: RenderSettings) -> JSONValue {
    let violation = merged.report
    let index = ViolationKind.allCases.firstIndex(of: violation.kind) ?? 0
    var related: [JSONValue] = []
    for access in violation.accesses {
      if let place = location(access.location, settings, id: related.count + 1, message: title(access)) {
        related.append(place)
      }
    }
    if let created = violation.container.created,
      let place = location(
        created.stack.location, settings, id: related.count + 1, message: "The collection is created")
    {
      related.append(place)
    }
    let primary = location(violation.accesses.compactMap(\.location).first { $0.line != nil }, settings)
    let stacks = violation.accesses.filter { !$0.stack.isEmpty }.map { stack($0, settings) }
    return .object([
      ("ruleId", .string(violation.kind.rawValue)), ("ruleIndex", JSONValue(index)), ("level", .string("error")),
      ("message", text("\(merged.summary), \(MergedText.times(merged)).")),
      ("locations", .array(primary.map { [$0] } ?? [])), ("relatedLocations", .array(related)),
      ("stacks", .array(stacks)),
      (
        "partialFingerprints",
        .object([
          ("primaryLocationLineHash", .string(merged.fingerprint)), ("accessAudit/v1", .string(merged.fingerprint)),
        ])
      ),
      ("occurrenceCount", JSONValue(Int(clamping: merged.timesSeen))),
      (
        "suppressions",
        isKnown
          ? .array([.object([("kind", .string("external")), ("justification", .string("in the baseline"))])]) : .null
      ),
    ])
  }

  private static func title(_ access: Violation.Access) -> String {
    let thread = access.thread.map { "thread \($0.id)" + ($0.name.map { " '\($0)'" } ?? "") } ?? "an unknown thread"
    let operation = access.operation.map { " (\($0.rawValue))" } ?? ""
    return TextEscaping.printable("\(access.writing ? "Write" : "Read")\(operation) by \(thread)")
  }

  private static func stack(_ access: Violation.Access, _ settings: RenderSettings) -> JSONValue {
    let frames = access.stack.filter { !$0.isHidden }.map { frame in
      let name = "\(frame.symbol ?? frame.address)\(frame.isAwaiting ? " [awaiting]" : "")"
      let place =
        location(frame, settings, message: name) ?? .object([("message", text(name))])
      return JSONValue.object([("location", place), ("module", JSONValue(frame.image))])
    }
    return .object([("message", text(title(access))), ("frames", .array(frames))])
  }

  private static func location(
    _ frame: Violation.Frame?, _ settings: RenderSettings, id: Int? = nil, message: String? = nil
  ) -> JSONValue? {
    guard let frame, let file = frame.file, let line = frame.line, line > 0 else { return nil }
    let column = frame.column.flatMap { $0 > 0 ? $0 : nil }
    let artifact: JSONValue
    if let relative = settings.relative(file) {
      artifact = .object([("uri", .string(escaped(relative))), ("uriBaseId", .string("%SRCROOT%"))])
    } else {
      artifact = .object([("uri", .string(file.hasPrefix("/") ? "file://" + escaped(file) : escaped(file)))])
    }
    return .object([
      ("id", JSONValue(id)),
      (
        "physicalLocation",
        .object([
          ("artifactLocation", artifact),
          ("region", .object([("startLine", JSONValue(line)), ("startColumn", JSONValue(column))])),
        ])
      ),
      ("logicalLocations", frame.symbol.map { .array([.object([("fullyQualifiedName", .string($0))])]) } ?? .null),
      ("message", message.map(text) ?? .null),
    ])
  }

  private static func text(_ text: String) -> JSONValue { .object([("text", .string(text))]) }

  private static func uri(folder: String) -> String {
    "file://" + escaped(folder.hasSuffix("/") ? folder : folder + "/")
  }

  /// RFC 3986: what is not unreserved is percent-encoded, slashes excepted.
  static func escaped(_ path: String) -> String {
    path.utf8.reduce(into: "") { result, byte in
      let character = Character(UnicodeScalar(byte))
      if byte < 0x80, character.isLetter || character.isNumber || "-._~/".contains(character) {
        result.append(character)
      } else {
        let digits = String(byte, radix: 16, uppercase: true)
        result += "%" + (digits.count == 1 ? "0" : "") + digits
      }
    }
  }
}

#endif
