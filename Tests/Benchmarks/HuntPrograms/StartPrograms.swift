// SPDX-License-Identifier: Apache-2.0
//
// Start-up: looks that are followed by an act, registries that are filled while they are used
// already, one or two accesses a thread.

import Foundation

enum StartPrograms {
  static let all = [
    HuntProgram("look-then-act", lookThenAct), HuntProgram("plugin-registry", pluginRegistry),
    HuntProgram("late-bootstrap", lateBootstrap), HuntProgram("one-write-each", oneWriteEach),
    HuntProgram("hand-over-too-early", handOverTooEarly),
  ]

  /// Two components start at once; the first that finds no schema makes it.
  @Sendable static func lookThenAct(_ variant: Variant) {
    final class Schemas: @unchecked Sendable {
      var made = Table<String, Int>()
      let guarded: Guard
      init(_ variant: Variant) { guarded = Guard(variant) }

      func ensure(_ name: String) {
        guarded { if made[name] == nil { made[name] = 1 } }
      }
    }
    let schemas = Schemas(variant)
    threads(
      {
        compute(microseconds: 150)
        schemas.ensure("users")
      },
      {
        compute(microseconds: 120)
        schemas.ensure("users")
      })
  }

  /// Plug-ins register themselves from threads of their own while the program looks one of them up.
  @Sendable static func pluginRegistry(_ variant: Variant) {
    final class Plugins: @unchecked Sendable {
      var byName = Table<String, Int>()
      let guarded: Guard
      init(_ variant: Variant) { guarded = Guard(variant) }
    }
    let plugins = Plugins(variant)
    let names = ["png", "jpeg", "webp"]
    threads(4) { index in
      if index < 3 {
        compute(microseconds: 100 + index * 100)
        plugins.guarded { plugins.byName[names[index]] = index }
      } else {
        pause(200...900)
        for name in names { _ = plugins.guarded { plugins.byName[name] } }
      }
    }
  }

  /// Handlers are installed while the first requests are served already.
  @Sendable static func lateBootstrap(_ variant: Variant) {
    final class Logging: @unchecked Sendable {
      var levels = Table<String, Int>()
    }
    let logging = Logging()
    let serve: @Sendable () -> Void = {
      for request in 0..<5 {
        compute(microseconds: 100)
        _ = logging.levels["request-\(request % 2)"]
        pause(300...1_200)
      }
    }
    let bootstrap: @Sendable () -> Void = {
      pause(500...1_500)
      logging.levels["request-0"] = 3
      logging.levels["request-1"] = 4
    }
    // The twin has installed them before anybody serves.
    if variant == .fixed {
      bootstrap()
      threads(serve, serve)
    } else {
      threads(serve, serve, bootstrap)
    }
  }

  /// Two threads write once each.
  @Sendable static func oneWriteEach(_ variant: Variant) {
    final class Totals: @unchecked Sendable {
      var byPart = Table<String, UInt64>()
      let guarded: Guard
      init(_ variant: Variant) { guarded = Guard(variant) }
    }
    let totals = Totals(variant)
    threads(
      {
        let value = compute(microseconds: 300)
        totals.guarded { totals.byPart["left"] = value }
      },
      {
        let value = compute(microseconds: 250)
        totals.guarded { totals.byPart["right"] = value }
      })
  }

  /// A builder hands its table to the consumer and adds one thing more; the twin adds it before.
  @Sendable static func handOverTooEarly(_ variant: Variant) {
    final class Configuration: @unchecked Sendable {
      var values = Table<String, String>()
    }
    let configuration = Configuration()
    let ready = DispatchSemaphore(value: 0)
    threads(
      {
        for name in ["host", "port", "user"] { configuration.values[name] = "set" }
        if variant == .racy { ready.signal() }
        compute(microseconds: 150)
        configuration.values["password"] = "set"
        if variant == .fixed { ready.signal() }
      },
      {
        ready.wait()
        compute(microseconds: 100)
        for name in ["host", "port", "user", "password"] { _ = configuration.values[name] }
      })
  }
}
