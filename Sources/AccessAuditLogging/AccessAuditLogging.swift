// SPDX-License-Identifier: Apache-2.0
//
// The bridge to swift-log, behind the trait `Logging`: one log line per reported violation. It runs
// on the detector thread and must not access audited collections.

#if Logging
public import AccessAudit
public import Logging

/// Logs violations through swift-log.
///
/// The application creates the logger, and so chooses its label, handler and level:
///
///     AccessAuditLogging.bridge(logger: Logger(label: "shop.races"), level: .critical)
public enum AccessAuditLogging {
  /// Logs each violation reported from now on.
  ///
  /// The message is the report's first line without `fatal error: `; kind, collection, threads
  /// and places are metadata. No key and no value of a collection is logged.
  ///
  /// - Returns: an observer that can end the logging; it need not be kept.
  /// - Blocking: the detector thread waits for the handler. Under `halt` the process ends after
  ///   it.
  @discardableResult
  public static func bridge(logger: Logger, level: Logger.Level = .error) -> ViolationObserver {
    AccessAudit.onViolation { log($0, to: logger, level: level) }
  }

  /// Logs one violation.
  public static func log(_ violation: Violation, to logger: Logger, level: Logger.Level) {
    logger.log(level: level, "\(violation.message)", metadata: metadata(of: violation))
  }

  private static func metadata(of violation: Violation) -> Logger.Metadata {
    var metadata: Logger.Metadata = [
      "kind": "\(violation.kind.rawValue)", "collection": "\(violation.container.type)",
      "seen": "\(violation.timesSeen)",
    ]
    metadata["label"] = violation.container.label.map { "\($0)" }
    metadata["count"] = violation.container.count.map { "\($0)" }
    for access in violation.accesses {
      metadata[access.role.rawValue] = .dictionary(party(access))
    }
    return metadata
  }

  private static func party(_ access: Violation.Access) -> Logger.Metadata {
    var party: Logger.Metadata = ["access": access.writing ? "write" : "read"]
    party["operation"] = access.operation.map { "\($0.rawValue)" }
    party["thread"] = access.thread.map { thread in "\(thread.id)" }
    party["threadName"] = access.thread?.name.map { "\($0)" }
    party["task"] = access.task.map { "\($0.name ?? String($0.id))" }
    party["queue"] = access.queue.map { "\($0)" }
    if let frame = access.location {
      party["function"] = frame.symbol.map { "\($0)" }
      if let file = frame.file, let line = frame.line { party["place"] = "\(file):\(line)" }
    }
    return party
  }
}
#endif
