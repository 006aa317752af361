// SPDX-License-Identifier: Apache-2.0
//
// The routes.

import AuditedCollections
import Hummingbird
import Logging

struct Server {
  let payments: Payments
  let port: Int

  func run() async throws {
    let router = Router()
    router.post("payments/{id}") { [payments] _, context -> HTTPResponse.Status in
      try await payments.pay(context.parameters.require("id"), amount: 100)
      return .ok
    }
    router.get("overview") { [payments] _, _ -> String in
      let overview = try await payments.cache.overview()
      return "\(overview.orders) orders, \(overview.openAmount) open, checksum \(overview.checksum)\n"
    }
    router.get("health") { _, _ -> HTTPResponse.Status in .ok }
    router.get("metrics") { [payments] _, _ -> Response in
      let page = payments.metrics.prometheusText + AccessAudit.totals().prometheusText
      return Response(
        status: .ok, headers: [.contentType: AuditTotals.prometheusContentType],
        body: ResponseBody(byteBuffer: ByteBuffer(string: page)))
    }
    var logger = Logger(label: "payments")
    logger.logLevel = .error
    let application = Application(
      router: router, configuration: ApplicationConfiguration(address: .hostname("127.0.0.1", port: port)),
      logger: logger)
    try await application.run()
  }
}
