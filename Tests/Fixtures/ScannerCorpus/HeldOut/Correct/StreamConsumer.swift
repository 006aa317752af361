// SPDX-License-Identifier: Apache-2.0
// Correct: an AsyncStream hands values from threads to one consumer that owns the dictionary.
func consume(_ events: AsyncStream<String>) async -> [String: Int] {
  var counts: [String: Int] = [:]
  for await event in events {
    counts[event, default: 0] += 1
  }
  return counts
}

func produce() -> AsyncStream<String> {
  AsyncStream { continuation in
    let task = Task {
      for word in ["a", "b"] { continuation.yield(word) }
      continuation.finish()
    }
    continuation.onTermination = { @Sendable _ in task.cancel() }
  }
}
