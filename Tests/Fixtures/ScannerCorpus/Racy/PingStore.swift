// SPDX-License-Identifier: Apache-2.0
// Shape: pia-foss/mobile-ios #323: background tasks write a dictionary that another queue reads.
// expect: unprotected-property PingStore.pingByServer
import Foundation

final class PingStore {
  private var pingByServer: [String: Int] = [:]

  func refresh(_ servers: [String]) {
    for server in servers {
      DispatchQueue.global(qos: .background).async {
        self.pingByServer[server] = server.count
      }
    }
  }

  func ping(of server: String) -> Int? {
    pingByServer[server]
  }
}
