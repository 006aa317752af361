// SPDX-License-Identifier: Apache-2.0
//
// Variables that are audited themselves: configurations that are replaced, sets that are walked,
// tokens that are refreshed.

import Foundation

#if !HUNT_PLAIN
import AuditedCollections
#endif

enum VariablePrograms {
  static let all = [
    HuntProgram("configuration-reload", configurationReload), HuntProgram("stop-walks-variable", stopWalksVariable),
    HuntProgram("token-refresh", tokenRefresh),
  ]

  /// A signal's thread replaces the configuration; handlers read it.
  @Sendable static func configurationReload(_ variant: Variant) {
    final class Service: @unchecked Sendable {
      @Watched var configuration: [String: Int] = ["timeout": 10]
      let guarded: Guard
      init(_ variant: Variant) { guarded = Guard(variant) }
    }
    let service = Service(variant)
    let handler: @Sendable () -> Void = {
      for _ in 0..<8 {
        pause(400...1_800)
        _ = service.guarded { service.configuration["timeout"] }
      }
    }
    threads(
      handler, handler,
      {
        for version in 0..<2 {
          pause(2_500...5_000)
          service.guarded { service.configuration = ["timeout": version] }
        }
      })
  }

  /// The set of open connections as an audited variable; `stop()` walks it once.
  @Sendable static func stopWalksVariable(_ variant: Variant) {
    final class Server: @unchecked Sendable {
      @Watched var open: Set<Int> = []
      let guarded: Guard
      init(_ variant: Variant) { guarded = Guard(variant) }
    }
    let server = Server(variant)
    threads(
      {
        for connection in 0..<14 {
          pause(300...1_500)
          server.guarded { _ = server.open.insert(connection) }
        }
      },
      {
        pause(5_000...9_000)
        for connection in server.guarded({ server.open }) where connection < 0 { compute(microseconds: 5) }
      })
  }

  /// Requests use a token that one of them refreshes when it is too old.
  @Sendable static func tokenRefresh(_ variant: Variant) async {
    final class Credentials: @unchecked Sendable {
      @Watched var token: String? = nil
      let guarded: Guard
      init(_ variant: Variant) { guarded = Guard(variant) }
    }
    let credentials = Credentials(variant)
    await withTaskGroup(of: Void.self) { group in
      for request in 0..<6 {
        group.addTask {
          try? await Task.sleep(nanoseconds: UInt64.random(in: 100_000...1_500_000))
          if credentials.guarded({ credentials.token }) == nil {
            compute(microseconds: 150)
            credentials.guarded { credentials.token = "token-\(request)" }
          }
        }
      }
    }
  }
}
