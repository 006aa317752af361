// SPDX-License-Identifier: Apache-2.0
//
// Makes both races, then lives until SIGTERM.

import Dispatch
import Foundation
import Ledger

@main
enum Main {
  static func main() {
    signal(SIGTERM, SIG_IGN)
    let source = DispatchSource.makeSignalSource(signal: SIGTERM, queue: DispatchQueue(label: "end"))
    source.setEventHandler { @Sendable in exit(0) }
    source.resume()
    ForcedRaces.writes()
    ForcedRaces.readDuringWrite()
    // A file for the load, which waits for it.
    for path in CommandLine.arguments.dropFirst() { FileManager.default.createFile(atPath: path, contents: nil) }
    withExtendedLifetime(source) { while true { sleep(60) } }
  }
}
