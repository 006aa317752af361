// SPDX-License-Identifier: Apache-2.0
//
// The text of an issue about a violation: a few lines that name both parties. The report has the
// rest. Formats only.

internal import AccessAudit

/// A place in the source, in the form that both test frameworks need.
struct ViolationPlace: Hashable {
  var path: String
  var line: Int
  var column: Int

  /// The place of the detected access, or else of the other party's; `nil` if neither is known.
  init?(_ violation: Violation) {
    guard
      let frame = [violation.detected.location, violation.conflicting.location].lazy.compactMap({ $0 })
        .first(where: { $0.file != nil && ($0.line ?? 0) > 0 }),
      let file = frame.file, let line = frame.line
    else { return nil }
    path = file
    self.line = line
    column = max(frame.column ?? 1, 1)
  }

  var fileName: String { path.split(separator: "/").last.map(String.init) ?? path }

  /// The test's module, where a folder on the way to the file has its name; otherwise the folder of
  /// the target, by SwiftPM's layout, or the last folder.
  func moduleName(ofTestIn module: String?) -> String {
    let parts = path.split(separator: "/").dropLast().map(String.init)
    if let module, parts.contains(module) { return module }
    let root = parts.lastIndex { $0 == "Sources" || $0 == "Tests" }
    if let root, root + 1 < parts.count { return parts[root + 1] }
    return parts.last ?? "unknown"
  }
}

enum ViolationText {
  /// The comment of an issue.
  static func comment(_ violation: Violation, because reason: String) -> String {
    let (detected, other) = (violation.detected, violation.conflicting)
    return """
      \(violation.message): \(describe(detected)) while \(describe(other))\(other.inProgress ? " was in progress" : "")
      on \(collection(violation.container))
      \(reason)
      """
  }

  private static func describe(_ access: Violation.Access) -> String {
    let kind = access.writing ? "write" : "read"
    let operation = access.operation.map { " (\($0.rawValue))" } ?? ""
    let thread = access.thread.map { "thread \($0.id)" + ($0.name.map { " '\($0)'" } ?? "") } ?? "an unknown thread"
    return "\(kind)\(operation) by \(thread) at \(place(access.location))"
  }

  private static func collection(_ container: Violation.Container) -> String {
    let label = container.label.map { " '\($0)'" } ?? container.declaration.map { " \($0)" } ?? ""
    let created = container.created.map { ", created at \(place(($0.stack.first { $0.category == .user })))" } ?? ""
    return "\(container.type)\(label)\(created)"
  }

  private static func place(_ frame: Violation.Frame?) -> String {
    guard let frame else { return "an unknown place" }
    let name = frame.symbol.map { " in \($0)" } ?? ""
    guard let file = frame.file, let line = frame.line else { return "an unknown line\(name)" }
    let column = frame.column.map { ":\($0)" } ?? ""
    return "\(file.split(separator: "/").last.map(String.init) ?? file):\(line)\(column)\(name)"
  }
}
