// SPDX-License-Identifier: Apache-2.0
// Shape: MacPaw/OpenAI #156: sessions are appended by the caller and removed by a handler that the session calls when it ends.
// expect: unprotected-property Client.sessions
import Foundation

final class StreamingSession {
  var onComplete: ((StreamingSession) -> Void)?

  func perform() {
    DispatchQueue.global().async { [self] in
      onComplete?(self)
    }
  }
}

final class Client {
  private var sessions: [StreamingSession] = []

  func stream() {
    let session = StreamingSession()
    session.onComplete = { [weak self] ended in
      self?.sessions.removeAll(where: { $0 === ended })
    }
    sessions.append(session)
    session.perform()
  }
}
