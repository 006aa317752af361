// SPDX-License-Identifier: Apache-2.0
//
// What a module's sources see of the other modules of the package: extensions of collections, and
// the properties that protocols require. Names only.

#if Scanner

/// Declarations of a package's other modules.
public struct PackageFacts: Sendable {
  var extensions = CollectionExtensions()
  /// The variables that each protocol requires, and the protocols that it refines.
  var requirements: [String: Set<String>] = [:]
  var refined: [String: [String]] = [:]
  /// Classes, structures and the like.
  var otherTypes: Set<String> = []

  /// Without any other module.
  public init() {}

  /// Reads the declarations of modules.
  ///
  /// - Complexity: O(*n*) in the size of the sources.
  public init(_ modules: [[SourceText]], threads: Int = Parallel.defaultThreads) {
    let files = modules.flatMap { $0 }
    for scan in Parallel.map(files.count, threads: threads, { FileScan(files[$0], file: $0) }) {
      add(scan.declarations)
    }
  }

  private mutating func add(_ file: FileDeclarations) {
    extensions.add(file.functions)
    for type in file.types {
      if type.kind == .protocolType {
        requirements[type.name, default: []].formUnion(
          file.variables.lazy.filter { $0.owner == type.name }.map(\.name))
        refined[type.name, default: []] += type.inherited
      } else if type.kind != .unknown {
        otherTypes.insert(type.name)
      }
    }
  }

  /// True when the protocol, or one that it refines, requires the variable; `nil` when the name is
  /// of no known declaration.
  func requires(_ variable: String, protocolName name: String) -> Bool? {
    if otherTypes.contains(name) { return false }
    var open = [name]
    var seen: Set<String> = []
    var isKnown = true
    while let next = open.popLast() {
      guard seen.insert(next).inserted else { continue }
      guard let required = requirements[next] else {
        if KnownProtocols.collections[next]?.contains(variable) ?? false { return true }
        if !KnownProtocols.requiresNoCollection(next) { isKnown = false }
        continue
      }
      if required.contains(variable) { return true }
      open += refined[next] ?? []
    }
    return isKnown ? false : nil
  }
}

/// Protocols and classes of the system.
enum KnownProtocols {
  private static let names: Set<String> = [
    "Sendable", "AnyObject", "Equatable", "Hashable", "Comparable", "Codable", "Encodable", "Decodable",
    "CustomStringConvertible", "CustomDebugStringConvertible", "CustomReflectable", "Error", "LocalizedError",
    "CustomNSError", "Sequence", "IteratorProtocol", "AsyncSequence", "AsyncIteratorProtocol", "Identifiable",
    "NSObject", "NSObjectProtocol", "NSCopying", "NSCoding", "NSSecureCoding", "Thread", "Operation", "Formatter",
    "InputStream", "OutputStream", "URLProtocol", "ObservableObject", "Observable", "Actor", "GlobalActor",
    "LosslessStringConvertible", "RawRepresentable", "CaseIterable", "ExpressibleByStringLiteral",
    "ExpressibleByArrayLiteral", "ExpressibleByDictionaryLiteral", "NSLocking", "Executor", "SerialExecutor",
    "TaskExecutor", "UIViewController", "UIView", "NSView", "NSViewController", "Escapable", "Copyable",
    "Cancellable",
  ]

  /// Protocols of the system that require collections.
  static let collections: [String: Set<String>] = [
    "Encoder": ["codingPath", "userInfo"], "Decoder": ["codingPath", "userInfo"],
    "SingleValueEncodingContainer": ["codingPath"], "SingleValueDecodingContainer": ["codingPath"],
    "UnkeyedEncodingContainer": ["codingPath"], "UnkeyedDecodingContainer": ["codingPath"],
    "KeyedEncodingContainerProtocol": ["codingPath"], "KeyedDecodingContainerProtocol": ["codingPath", "allKeys"],
    "TopLevelEncoder": ["userInfo"], "TopLevelDecoder": ["userInfo"],
  ]

  /// True for a protocol or class of the system that requires no collection of its adopters. The
  /// protocols of delegates have methods only.
  static func requiresNoCollection(_ name: String) -> Bool {
    names.contains(name) || collections[name] != nil || name.hasSuffix("Delegate") || name.hasSuffix("DataSource")
      || name.hasPrefix("~")
  }
}

#endif
