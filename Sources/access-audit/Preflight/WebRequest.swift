// SPDX-License-Identifier: Apache-2.0
//
// One request over HTTP and its reply. A redirection is no reply: what is sent may hold a secret,
// which is for the address that was configured.

#if Scanner && canImport(Glibc)
import AccessAuditPreflight
import Dispatch
import Foundation
import FoundationNetworking
import Synchronization

enum WebRequest {
  /// Seconds that a reply may take.
  private static let patience = 15.0

  private final class Delegate: NSObject, URLSessionTaskDelegate {
    func urlSession(
      _ session: URLSession, task: URLSessionTask, willPerformHTTPRedirection response: HTTPURLResponse,
      newRequest request: URLRequest, completionHandler: @escaping @Sendable (URLRequest?) -> Void
    ) { completionHandler(nil) }
  }

  private final class Box: Sendable {
    let value = Mutex<Result<HTTPReply, HTTPFailure>>(.failure(HTTPFailure("no reply within \(Int(patience)) s")))
  }

  /// Sends the request and waits for the reply.
  static func send(_ request: HTTPRequest) -> Result<HTTPReply, HTTPFailure> {
    guard let url = URL(string: request.url), url.host != nil else { return .failure(HTTPFailure("no valid address")) }
    var made = URLRequest(url: url, cachePolicy: .reloadIgnoringLocalCacheData, timeoutInterval: patience)
    made.httpMethod = request.method
    for (name, value) in request.headers { made.setValue(value, forHTTPHeaderField: name) }
    made.httpBody = request.body.map { Data($0.utf8) }
    let session = URLSession(configuration: .ephemeral, delegate: Delegate(), delegateQueue: nil)
    defer { session.invalidateAndCancel() }
    let box = Box()
    let done = DispatchSemaphore(value: 0)
    session.dataTask(with: made) { data, response, error in
      box.value.withLock { value in
        if let response = response as? HTTPURLResponse {
          value = .success(
            HTTPReply(status: response.statusCode, body: String(decoding: data ?? Data(), as: UTF8.self)))
        } else {
          value = .failure(HTTPFailure(error.map(reason) ?? "no reply"))
        }
      }
      done.signal()
    }.resume()
    _ = done.wait(timeout: .now() + patience + 1)
    return box.value.withLock { $0 }
  }

  private static func reason(_ error: any Error) -> String {
    guard let error = error as? URLError else { return error.localizedDescription }
    switch error.code {
    case .cannotConnectToHost: return "the connection is refused"
    case .cannotFindHost: return "the host is not found"
    case .timedOut: return "no reply within \(Int(patience)) s"
    default: return error.localizedDescription
    }
  }
}
#endif
