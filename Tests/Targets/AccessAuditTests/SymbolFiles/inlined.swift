// SPDX-License-Identifier: Apache-2.0
// A program for an optimised build: initialisers inlined into one another and into their callers,
// closures merged into their thunks, closures passed through several functions, generic functions
// that are specialised.

final class ChatClient {
  var names: [String: Int] = [:]
  var settings: Settings

  init(room: Int) {
    settings = Settings(room: room)
    names["room"] = settings.limit
  }

  func add(_ name: String) -> Int {
    withNames { names in
      names[name, default: 0] += settings.limit
      return names.count
    }
  }

  private func withNames<Result>(_ body: (inout [String: Int]) -> Result) -> Result { body(&names) }
}

struct Settings {
  var limit: Int
  var words: [Int]

  init(room: Int) {
    limit = Self.limit(of: room)
    words = (0..<limit).map { $0 &* room }
  }

  static func limit(of room: Int) -> Int { room > 3 ? clamp(room * 2) : clamp(room) }
}

@inline(__always) func clamp(_ number: Int) -> Int { number < 0 ? 0 : number > 99 ? 99 : number }

func apply<Value>(_ value: Value, _ times: Int, _ body: (Value, Int) -> Void) {
  for time in 0..<times { body(value, time) }
}

@inline(never) func stored(_ clients: [ChatClient]) -> [() -> Int] {
  clients.map { client in { client.add("stored") + client.settings.words.reduce(0, +) } }
}

@main
enum Program {
  static func main() {
    let clients = (0..<CommandLine.arguments.count).map { ChatClient(room: $0 + 2) }
    apply(clients, 3) { clients, time in
      for client in clients { print(client.add("client \(time)"), client.settings.limit) }
    }
    for task in stored(clients) { print(task()) }
    print(clients.flatMap(\.settings.words).filter { $0 % 2 == 0 }.map(String.init).joined(separator: " "))
  }
}
