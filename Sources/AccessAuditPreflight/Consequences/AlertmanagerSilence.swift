// SPDX-License-Identifier: Apache-2.0
//
// Silences of an Alertmanager (its API, version 2): the alerts that a deployment sets off by itself
// are silenced for its window, and the silence is lifted. Makes requests and reads replies.

#if Scanner && canImport(Glibc)

internal import AccessReports
package import Foundation

/// `name=value` and the other forms of an Alertmanager's matchers.
package struct AlertMatcher: Sendable, Equatable {
  package var name: String
  package var value: String
  package var isEqual: Bool
  package var isRegex: Bool

  package init?(_ text: String) {
    let name = text.prefix { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "_") }
    let rest = text.dropFirst(name.count)
    guard let first = name.first, !first.isNumber,
      let sign = ["=~", "!~", "!=", "="].first(where: { rest.hasPrefix($0) })
    else { return nil }
    self.name = String(name)
    value = String(rest.dropFirst(sign.count))
    isEqual = !sign.hasPrefix("!")
    isRegex = sign.hasSuffix("~")
    // An empty value would match every alert without the label.
    if value.isEmpty { return nil }
  }

  var json: JSONValue {
    .object([
      ("name", .string(name)), ("value", .string(value)), ("isRegex", .bool(isRegex)), ("isEqual", .bool(isEqual)),
    ])
  }
}

/// A consequence that could not be drawn.
package struct ConsequenceError: Error, CustomStringConvertible, Equatable {
  package var description: String
}

package struct AlertmanagerSilence {
  let silence: PreflightConfiguration.Silence
  let token: String?
  let host: any PreflightHost

  /// - Parameter environment: has the bearer token, when one is needed.
  package init(
    _ silence: PreflightConfiguration.Silence, environment: [String: String], host: any PreflightHost
  ) {
    self.silence = silence
    token = environment[silence.tokenVariable].flatMap { $0.isEmpty ? nil : $0 }
    self.host = host
  }

  private func request(_ method: String, _ path: String, body: String? = nil) -> HTTPRequest {
    let base = silence.alertmanager.hasSuffix("/") ? String(silence.alertmanager.dropLast()) : silence.alertmanager
    var headers: [String: String] = [:]
    if body != nil { headers["Content-Type"] = "application/json" }
    if let token { headers["Authorization"] = "Bearer \(token)" }
    return HTTPRequest(method, base + path, headers: headers, body: body)
  }

  /// The silence from a time on, for its minutes.
  func body(from begin: Date, author: String) -> String {
    let format = ISO8601DateFormatter()
    return JSONValue.object([
      ("matchers", .array(silence.matchers.compactMap(AlertMatcher.init).map(\.json))),
      ("startsAt", .string(format.string(from: begin))),
      ("endsAt", .string(format.string(from: begin.addingTimeInterval(Double(silence.minutes) * 60)))),
      ("createdBy", .string(author)), ("comment", .string(silence.comment)),
    ]).line()
  }

  /// Makes the silence.
  ///
  /// - Returns: its ID, by which it is lifted.
  package func make(at date: Date = Date(), author: String = "access-audit preflight") throws -> String {
    let reply = try send(request("POST", "/api/v2/silences", body: body(from: date, author: author)))
    struct Made: Decodable { var silenceID: String }
    guard let made = try? JSONDecoder().decode(Made.self, from: Data(reply.body.utf8)) else {
      throw ConsequenceError(description: "\(silence.alertmanager) has not told the silence's ID")
    }
    return made.silenceID
  }

  /// Lifts a silence.
  package func lift(_ id: String) throws {
    guard UUID(uuidString: id) != nil else { throw ConsequenceError(description: "'\(id)' is no ID of a silence") }
    _ = try send(request("DELETE", "/api/v2/silence/\(id)"))
  }

  private func send(_ request: HTTPRequest) throws -> HTTPReply {
    switch host.send(request) {
    case .success(let reply) where (200..<300).contains(reply.status): return reply
    case .success(let reply):
      let text = reply.body.split(whereSeparator: \.isNewline).first.map { ": \($0.prefix(200))" } ?? ""
      throw ConsequenceError(description: "\(silence.alertmanager) answers with status \(reply.status)\(text)")
    case .failure(let failure):
      throw ConsequenceError(description: "\(silence.alertmanager) does not answer: \(failure)")
    }
  }
}

#endif
