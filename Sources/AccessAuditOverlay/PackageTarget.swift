// SPDX-License-Identifier: Apache-2.0
//
// The targets of a package, as the package manager describes them. Decoding only.

#if Scanner && canImport(Glibc)

package import Foundation

/// A target and its Swift files.
package struct PackageTarget: Codable, Sendable, Equatable {
  package enum Kind: String, Codable, Sendable {
    case library
    case executable
    case test
    case other
  }

  package var name: String
  package var kind: Kind
  /// Relative to the package.
  package var sources: [String]

  package init(name: String, kind: Kind, sources: [String]) {
    (self.name, self.kind, self.sources) = (name, kind, sources)
  }

  /// Whether its code runs in the tests or in a product, and not in a build.
  package var isInstrumented: Bool { kind == .library || kind == .executable }

  /// Reads what `swift package describe --type json` prints: the Swift targets; `nil` when it is
  /// something else.
  package static func read(_ description: Data) -> [PackageTarget]? {
    struct Description: Decodable {
      struct Target: Decodable {
        var name: String
        var type: String
        var path: String
        var module_type: String
        var sources: [String]
      }
      var targets: [Target]
    }
    guard let description = try? JSONDecoder().decode(Description.self, from: description) else { return nil }
    return description.targets.filter { $0.module_type == "SwiftTarget" }.map { target in
      let folder = target.path.isEmpty || target.path == "." ? "" : target.path + "/"
      return PackageTarget(
        name: target.name, kind: Kind(rawValue: target.type) ?? .other,
        sources: target.sources.filter { $0.hasSuffix(".swift") }.map { folder + $0 }.sorted())
    }.sorted { $0.name < $1.name }
  }
}

#endif
