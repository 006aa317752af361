// SPDX-License-Identifier: Apache-2.0
//
// Plug-ins by name: a race once at start-up. Two components register at the same time, and later
// everything only reads.

public final class PluginRegistry: @unchecked Sendable {
  private var plugins: [String: Int] = [:]

  public init() {}

  public func register(_ name: String, version: Int) {
    plugins[name] = version
  }

  public func version(of name: String) -> Int? { plugins[name] }
}
