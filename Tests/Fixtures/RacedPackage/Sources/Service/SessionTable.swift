// SPDX-License-Identifier: Apache-2.0
//
// Sessions by token: a steady race. Every request reads or writes, and nothing protects the table.

import Dispatch

public final class SessionTable: @unchecked Sendable {
  private var sessions: [Int: Int] = [:]

  public init() {}

  public func touch(_ token: Int) {
    sessions[token, default: 0] += 1
  }

  public func requests(of token: Int) -> Int { sessions[token] ?? 0 }
}
