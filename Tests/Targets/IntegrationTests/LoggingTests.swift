// SPDX-License-Identifier: Apache-2.0
//
// The bridge to swift-log, with the trait `Logging`: a violation in, log lines out.

#if Logging
import AccessAudit
import AccessAuditLogging
import InMemoryLogging
import Logging
import Testing

struct LoggingTests {
  @Test func violation_isLoggedWithItsPlaces() throws {
    let handler = InMemoryLogHandler()
    var logger = Logger(label: "shop.races") { _ in handler }
    logger.logLevel = .warning
    AccessAuditLogging.log(SampleViolation.make(), to: logger, level: .critical)
    let entry = try #require(handler.entries.first)
    #expect(handler.entries.count == 1)
    #expect(entry.level == .critical)
    #expect(entry.message == "concurrent dictionary writes")
    #expect(entry.metadata["kind"] == "concurrent-writes")
    #expect(entry.metadata["label"] == "orders")
    #expect(
      entry.metadata["detected"]
        == .dictionary([
          "access": "write", "operation": "subscript.set", "thread": "4171", "threadName": "worker-2",
          "task": "refresh", "function": "OrderCache.update(_:)", "place": "/src/shop/OrderCache.swift:31",
        ]))
    #expect(entry.metadata["conflicting"] == .dictionary(["access": "write"]))
  }

  /// The application's log level applies.
  @Test func belowTheLevel_isNotLogged() {
    let handler = InMemoryLogHandler()
    var logger = Logger(label: "shop.races") { _ in handler }
    logger.logLevel = .critical
    AccessAuditLogging.log(SampleViolation.make(), to: logger, level: .error)
    #expect(handler.entries.isEmpty)
  }

  @Test func bridge_canBeCancelled() {
    let observer = AccessAuditLogging.bridge(logger: Logger(label: "shop.races"))
    observer.cancel()
  }
}
#endif
