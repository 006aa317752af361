// SPDX-License-Identifier: Apache-2.0
//
// An HTTP server on loopback for tests: it keeps what it is sent, and answers what a test says. One
// request for each connection.

#if Scanner && canImport(Glibc)
import Foundation
import Glibc
import Synchronization

final class StubServer: Sendable {
  struct Request: Sendable, Equatable {
    var method: String
    var path: String
    var headers: [String: String]
    var body: String
  }

  let port: UInt16
  private let listener: Int32
  private let kept = Mutex<[Request]>([])

  var requests: [Request] { kept.withLock { $0 } }

  /// - Parameter answer: the status, more header lines, and the body.
  init(_ answer: @escaping @Sendable (Request) -> (status: Int, headers: String, body: String)) throws {
    let opened = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    listener = opened
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    var size = socklen_t(MemoryLayout<sockaddr_in>.size)
    let made = withUnsafeMutablePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
        bind(opened, pointer, size) == 0 && listen(opened, 8) == 0 && getsockname(opened, pointer, &size) == 0
      }
    }
    guard made else { throw CocoaError(.fileNoSuchFile) }
    port = UInt16(bigEndian: address.sin_port)
    Thread.detachNewThread { [self] in
      while true {
        let connection = accept(opened, nil, nil)
        if connection < 0 { return }
        if let request = Self.read(connection) {
          kept.withLock { $0.append(request) }
          let (status, headers, body) = answer(request)
          let text =
            "HTTP/1.1 \(status) OK\r\nContent-Length: \(body.utf8.count)\r\nConnection: close\r\n\(headers)\r\n\(body)"
          _ = text.withCString { write(connection, $0, strlen($0)) }
        }
        shutdown(connection, Int32(SHUT_WR))
        close(connection)
      }
    }
  }

  /// Ends the server's thread.
  func stop() {
    shutdown(listener, Int32(SHUT_RDWR))
    close(listener)
  }

  private static func read(_ connection: Int32) -> Request? {
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 65_536)
    while true {
      let text = String(decoding: bytes, as: UTF8.self)
      if let end = text.firstRange(of: "\r\n\r\n") {
        let lines = text[..<end.lowerBound].components(separatedBy: "\r\n")
        let words = lines[0].split(separator: " ").map(String.init)
        let pairs = lines.dropFirst().compactMap { line -> (String, String)? in
          guard let colon = line.firstIndex(of: ":") else { return nil }
          return (line[..<colon].lowercased(), line[line.index(after: colon)...].trimmingCharacters(in: .whitespaces))
        }
        let headers = Dictionary(pairs, uniquingKeysWith: { first, _ in first })
        let body = text[end.upperBound...]
        if body.utf8.count >= Int(headers["content-length"] ?? "0") ?? 0 {
          return Request(method: words[0], path: words[1], headers: headers, body: String(body))
        }
      }
      let count = Glibc.read(connection, &buffer, buffer.count)
      if count <= 0 { return nil }
      bytes += buffer[..<count]
    }
  }
}
#endif
