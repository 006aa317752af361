// SPDX-License-Identifier: Apache-2.0
//
// The notification of a failed checklist, in the form of PagerDuty's Events API, version 2, which
// others take too. A later success resolves it. Makes a request.

#if Scanner && canImport(Glibc)

internal import AccessReports
internal import AccessTerms
internal import Foundation

package struct PagerDutyEvent {
  let configuration: PreflightConfiguration.PagerDuty
  let key: String
  let host: any PreflightHost

  /// - Throws: when the environment does not have the routing key.
  package init(
    _ configuration: PreflightConfiguration.PagerDuty, environment: [String: String], host: any PreflightHost
  ) throws {
    guard let key = environment[configuration.keyVariable], !key.isEmpty else {
      throw ConsequenceError(description: "the environment variable \(configuration.keyVariable) has no routing key")
    }
    self.configuration = configuration
    self.key = key
    self.host = host
  }

  /// One key for each package, so that a repeated failure is one incident.
  private func deduplication(_ result: PreflightResult) -> String { "access-audit-preflight-\(result.name)" }

  func body(_ result: PreflightResult) -> String {
    var members: [(String, JSONValue)] = [
      ("routing_key", .string(key)), ("event_action", .string(result.isReady ? "resolve" : "trigger")),
      ("dedup_key", .string(String(deduplication(result).prefix(255)))),
      ("client", .string("access-audit \(PackageVersion.text)")),
    ]
    if let failed = result.stages.first(where: { $0.verdict == .failed }) {
      let summary = "Preflight of \(result.name) failed in \(failed.stage.rawValue): \(failed.summary)"
      members.append(
        (
          "payload",
          .object([
            ("summary", .string(String(summary.prefix(1024)))),
            ("source", .string(configuration.source ?? result.name)),
            ("severity", .string(configuration.severity.rawValue)), ("component", .string(result.name)),
            ("group", .string("preflight")), ("class", .string(failed.stage.rawValue)),
            (
              "custom_details",
              .object([
                ("next", JSONValue(failed.next)), ("command", .string(failed.command)),
                ("exit_status", .integer(Int64(result.exitStatus))),
                (
                  "stages",
                  .object(result.stages.map { ($0.stage.rawValue, .string($0.verdict.rawValue)) })
                ),
              ])
            ),
          ])
        ))
    }
    return JSONValue.object(members).line()
  }

  /// Sends what the result calls for.
  package func send(_ result: PreflightResult) throws {
    let request = HTTPRequest(
      "POST", configuration.url, headers: ["Content-Type": "application/json"], body: body(result))
    switch host.send(request) {
    case .success(let reply) where (200..<300).contains(reply.status): return
    case .success(let reply):
      throw ConsequenceError(description: "\(configuration.url) answers with status \(reply.status)")
    case .failure(let failure):
      throw ConsequenceError(description: "\(configuration.url) does not answer: \(failure)")
    }
  }
}

#endif
