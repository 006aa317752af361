// SPDX-License-Identifier: Apache-2.0
//
// An exchange's order book in one process: text messages are parsed and checked, orders enter and
// leave price levels, trades are written as messages. The subject holds the orders by their ID: two
// or three accesses per message.

import LoopInterface

/// Messages to an order book, the same in every run.
public enum OrderMessages {
  /// `count` messages in the manner of FIX: new orders, cancellations, replacements.
  public static func make(_ count: Int) -> [String] {
    var random = SplitMix(state: 20_260_701)
    var open: [Int] = []
    return (0..<count).map { number in
      let lot = random.next() % 10
      if lot < 3, !open.isEmpty {
        let id = open.remove(at: Int(random.next() % UInt64(open.count)))
        return "35=F|49=CLIENT\(id % 17)|41=order-\(id)|55=SYM\(id % 4)"
      }
      if lot < 4, !open.isEmpty {
        let id = open[Int(random.next() % UInt64(open.count))]
        return "35=G|49=CLIENT\(id % 17)|41=order-\(id)|55=SYM\(id % 4)|38=\(1 + random.next() % 500)"
      }
      if open.count > 2_000 { open.removeFirst(1_000) }
      open.append(number)
      let side = random.next() % 2
      let price = 10_000 + random.next() % 40 &- (side == 0 ? 22 : 17)
      return
        "35=D|49=CLIENT\(number % 17)|11=order-\(number)|55=SYM\(number % 4)|54=\(side + 1)|38=\(1 + random.next() % 500)|44=\(price)"
    }
  }

  private struct SplitMix {
    var state: UInt64

    mutating func next() -> UInt64 {
      state &+= 0x9E37_79B9_7F4A_7C15
      var z = state
      z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
      z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
      return z ^ (z >> 31)
    }
  }
}

/// One order.
struct Order {
  let id: String
  let client: String
  let isBuy: Bool
  let price: Int
  var quantity: Int
}

/// The orders of one symbol at their prices, best first.
final class Levels {
  var buys: [(price: Int, orders: [String])] = []
  var sells: [(price: Int, orders: [String])] = []

  /// The position of a price on a side, or the position at which it belongs.
  static func place(_ price: Int, _ side: [(price: Int, orders: [String])], isBuy: Bool) -> (Int, isThere: Bool) {
    var (low, high) = (0, side.count)
    while low < high {
      let middle = (low + high) / 2
      if isBuy ? side[middle].price > price : side[middle].price < price { low = middle + 1 } else { high = middle }
    }
    return (low, low < side.count && side[low].price == price)
  }

  func add(_ order: Order) {
    if order.isBuy { Self.add(order, &buys) } else { Self.add(order, &sells) }
  }

  func remove(_ order: Order) {
    if order.isBuy { Self.remove(order, &buys) } else { Self.remove(order, &sells) }
  }

  private static func add(_ order: Order, _ side: inout [(price: Int, orders: [String])]) {
    let (index, isThere) = place(order.price, side, isBuy: order.isBuy)
    if isThere { side[index].orders.append(order.id) } else { side.insert((order.price, [order.id]), at: index) }
  }

  private static func remove(_ order: Order, _ side: inout [(price: Int, orders: [String])]) {
    let (index, isThere) = place(order.price, side, isBuy: order.isBuy)
    guard isThere else { return }
    side[index].orders.removeAll { $0 == order.id }
    if side[index].orders.isEmpty { side.remove(at: index) }
  }
}

/// Processes messages one after the other.
public final class OrderBook: Application {
  private let messages: [String]
  private var orders: Subject<String, Order> = [:]
  private var levels: [String: Levels] = [:]
  private var output: [UInt8] = []
  private var trades = 0

  public override var name: String { "order book" }

  public init(messages: [String]) {
    self.messages = messages
    super.init()
  }

  @inline(never)
  public override func run() -> Int {
    orders = [:]
    levels = [:]
    output.removeAll(keepingCapacity: true)
    trades = 0
    for message in messages { take(message) }
    return output.reduce(orders.count &+ trades &* 31) { $0 &* 31 &+ Int($1) }
  }

  private func take(_ message: String) {
    var type = ""
    var (client, id, original, symbol) = ("", "", "", "")
    var (isBuy, quantity, price) = (false, 0, 0)
    for field in message.split(separator: "|") {
      guard let equals = field.firstIndex(of: "=") else { continue }
      let value = field[field.index(after: equals)...]
      switch field[..<equals] {
      case "35": type = String(value)
      case "49": client = String(value)
      case "11": id = String(value)
      case "41": original = String(value)
      case "55": symbol = String(value)
      case "54": isBuy = value == "1"
      case "38": quantity = Int(value) ?? 0
      case "44": price = Int(value) ?? 0
      default: break
      }
    }
    switch type {
    case "D": enter(Order(id: id, client: client, isBuy: isBuy, price: price, quantity: quantity), symbol)
    case "F": cancel(original, client, symbol)
    case "G": replace(original, client, quantity)
    default: write("reject", original, 0)
    }
  }

  private func enter(_ incoming: Order, _ symbol: String) {
    guard incoming.quantity > 0, orders[incoming.id] == nil else { return write("reject", incoming.id, 0) }
    let book = levels[symbol, default: Levels()]
    levels[symbol] = book
    var order = incoming
    while order.quantity > 0, let best = order.isBuy ? book.sells.first : book.buys.first,
      order.isBuy ? best.price <= order.price : best.price >= order.price
    {
      guard let first = best.orders.first, var resting = orders[first] else { break }
      let quantity = min(order.quantity, resting.quantity)
      order.quantity -= quantity
      resting.quantity -= quantity
      trades += 1
      write("trade", resting.id, quantity)
      write("trade", order.id, quantity)
      if resting.quantity == 0 {
        orders[resting.id] = nil
        book.remove(resting)
      } else {
        orders[resting.id] = resting
      }
    }
    guard order.quantity > 0 else { return }
    orders[order.id] = order
    book.add(order)
    write("accept", order.id, order.quantity)
  }

  private func cancel(_ id: String, _ client: String, _ symbol: String) {
    guard let order = orders[id], order.client == client else { return write("reject", id, 0) }
    orders[id] = nil
    levels[symbol]?.remove(order)
    write("cancelled", id, order.quantity)
  }

  private func replace(_ id: String, _ client: String, _ quantity: Int) {
    guard orders[id]?.client == client else { return write("reject", id, 0) }
    orders[id]?.quantity = quantity
    write("replaced", id, quantity)
  }

  private func write(_ kind: String, _ id: String, _ quantity: Int) {
    output.append(contentsOf: "35=8|150=\(kind)|37=\(id)|32=\(quantity)\n".utf8)
    if output.count > 1 << 16 { output.removeAll(keepingCapacity: true) }
  }
}
