// SPDX-License-Identifier: Apache-2.0
//
// Connections to the service, used again. One request at a time on each.

import NIOCore
import NIOHTTP1
import NIOPosix

enum RequestFailure: Error {
  case timedOut
  case closed
}

/// A request and where its status goes.
struct Exchange: Sendable {
  var method: HTTPMethod
  var path: String
  var deadline: NIODeadline
  var status: EventLoopPromise<UInt>
}

/// Writes a request, and answers it by the response's status.
final class ExchangeHandler: ChannelDuplexHandler {
  typealias InboundIn = HTTPClientResponsePart
  typealias OutboundIn = Exchange
  typealias OutboundOut = HTTPClientRequestPart

  private var exchange: Exchange?
  private var limit: Scheduled<Void>?
  private var received: UInt = 0

  func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
    let exchange = unwrapOutboundIn(data)
    self.exchange = exchange
    let channel = context.channel
    let bound = NIOLoopBound(self, eventLoop: context.eventLoop)
    limit = context.eventLoop.scheduleTask(deadline: exchange.deadline) {
      bound.value.finish(.failure(RequestFailure.timedOut))
      channel.close(promise: nil)
    }
    let head = HTTPRequestHead(
      version: .http1_1, method: exchange.method, uri: exchange.path,
      headers: ["host": "127.0.0.1", "content-length": "0"])
    context.write(wrapOutboundOut(.head(head)), promise: nil)
    context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: promise)
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    switch unwrapInboundIn(data) {
    case .head(let head): received = head.status.code
    case .body: break
    case .end: finish(.success(received))
    }
  }

  func channelInactive(context: ChannelHandlerContext) {
    finish(.failure(RequestFailure.closed))
    context.fireChannelInactive()
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    finish(.failure(error))
    context.close(promise: nil)
  }

  private func finish(_ result: Result<UInt, any Error>) {
    limit?.cancel()
    limit = nil
    exchange?.status.completeWith(result)
    exchange = nil
  }
}

/// The open connections that no request uses.
actor Connections {
  private let bootstrap: ClientBootstrap
  private let port: Int
  private var idle: [any Channel] = []

  init(port: Int, group: any EventLoopGroup) {
    self.port = port
    bootstrap = ClientBootstrap(group: group).connectTimeout(.seconds(2)).channelInitializer { channel in
      channel.eventLoop.makeCompletedFuture {
        try channel.pipeline.syncOperations.addHTTPClientHandlers()
        try channel.pipeline.syncOperations.addHandler(ExchangeHandler())
      }
    }
  }

  /// The status of the answer.
  func send(_ method: HTTPMethod, _ path: String, until deadline: NIODeadline) async throws -> UInt {
    let channel = try await connection()
    let status = channel.eventLoop.makePromise(of: UInt.self)
    channel.writeAndFlush(Exchange(method: method, path: path, deadline: deadline, status: status))
      .cascadeFailure(to: status)
    let answer = try await status.futureResult.get()
    idle.append(channel)
    return answer
  }

  private func connection() async throws -> any Channel {
    while let channel = idle.popLast() {
      if channel.isActive { return channel }
    }
    return try await bootstrap.connect(host: "127.0.0.1", port: port).get()
  }
}
