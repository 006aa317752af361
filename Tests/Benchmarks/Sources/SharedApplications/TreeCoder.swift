// SPDX-License-Identifier: Apache-2.0
//
// A coder of trees, as of XML or JSON: each element becomes a few small collections, made, read and
// ended at many depths of a recursion, on one thread. What a collection costs to make counts here,
// more than what an access costs.

import LoopInterface

/// An element with attributes and children.
private indirect enum Element {
  case text(String)
  case node(name: String, attributes: SubjectArray<String>, children: SubjectArray<Element>)
}

/// Encodes a tree to boxes, then to text, then reads the text back.
public final class TreeCoder: Application {
  private let width: Int

  public override var name: String { "tree coder" }

  /// - Parameter width: The children of the root.
  public init(width: Int) {
    self.width = width
    super.init()
  }

  @inline(never)
  public override func run() -> Int {
    var sum = 0
    for number in 0..<width {
      let element = make(number, depth: number % 6)
      let box = encode(element)
      let text = box.text()
      let back = TextReader(text).read()
      sum = sum &* 31 &+ text.utf8.count &+ back.count()
    }
    return sum
  }

  private func make(_ number: Int, depth: Int) -> Element {
    guard depth > 0 else { return .text("value \(number)") }
    var children: SubjectArray<Element> = []
    for child in 0..<2 { children.append(make(number &* 7 &+ child, depth: depth - 1)) }
    return .node(name: "n\(number & 15)", attributes: ["id", "v\(number & 31)"], children: children)
  }

  private func encode(_ element: Element) -> Box {
    switch element {
    case .text(let text): return Box(key: "", attributes: [:], text: text)
    case .node(let name, let attributes, let children):
      var named: Subject<String, String> = [:]
      named[attributes[0]] = attributes[1]
      let box = Box(key: name, attributes: named, text: "")
      for child in children {
        let encoded = encode(child)
        var ordered = box.elements
        ordered.append(encoded)
        box.elements = ordered
        box.counts[encoded.key, default: 0] += 1
      }
      return box
    }
  }
}

/// What an element is while it is being encoded.
private final class Box {
  let key: String
  let attributes: Subject<String, String>
  let text0: String
  var elements: SubjectArray<Box> = []
  var counts: Subject<String, Int> = [:]

  init(key: String, attributes: Subject<String, String>, text: String) {
    self.key = key
    self.attributes = attributes
    text0 = text
  }

  func text() -> String {
    if key.isEmpty { return "\(text0)." }
    var parts: SubjectArray<String> = ["\(key)("]
    for (name, value) in attributes { parts.append("\(name)=\(value),") }
    for element in elements { parts.append(element.text()) }
    parts.append(")")
    return parts.joined()
  }

  func count() -> Int { elements.reduce(attributes.count &+ counts.count) { $0 &+ $1.count() } }
}

/// Reads the text of boxes.
private struct TextReader {
  private let bytes: [UInt8]
  private var position = 0

  init(_ text: String) { bytes = Array(text.utf8) }

  func read() -> Box {
    var reader = self
    return reader.element()
  }

  private mutating func element() -> Box {
    var token: [UInt8] = []
    while bytes[position] != 40, bytes[position] != 46 {
      token.append(bytes[position])
      position += 1
    }
    let isText = bytes[position] == 46
    position += 1
    let word = String(decoding: token, as: UTF8.self)
    if isText { return Box(key: "", attributes: [:], text: word) }
    var attributes: Subject<String, String> = [:]
    var start = position
    while let equals = bytes[start...].firstIndex(of: 61), let comma = bytes[start...].firstIndex(of: 44),
      equals < comma, !bytes[start..<equals].contains(40), !bytes[start..<equals].contains(46)
    {
      attributes[String(decoding: bytes[start..<equals], as: UTF8.self)] = String(
        decoding: bytes[equals + 1..<comma], as: UTF8.self)
      start = comma + 1
    }
    position = start
    let box = Box(key: word, attributes: attributes, text: "")
    while bytes[position] != 41 {
      let child = element()
      box.elements.append(child)
      box.counts[child.key, default: 0] += 1
    }
    position += 1
    return box
  }
}
