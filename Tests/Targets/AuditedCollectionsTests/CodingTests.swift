// SPDX-License-Identifier: Apache-2.0
//
// Coded forms, descriptions, mirrors and hashes are those of the plain types, byte for byte.

import AuditedCollections
import Foundation
import Testing

#if AUDITED && canImport(Glibc)
@Suite(.serialized)
struct CodingTests {
  enum Colour: String, CodingKeyRepresentable, Hashable, Codable { case red, green }

  struct PlainDocument: Codable, Equatable {
    var names: [String: Int] = ["snake_case": 1, "camelCase": 2]
    var numbers: [Int: [String: Date]] = [1: ["a": Date(timeIntervalSince1970: 0)]]
    var colours: [Colour: Data] = [.red: Data([1, 2])]
    var pairs: [[Int]: String] = [[1]: "one"]
    var tags: Set<String> = ["only"]
    var list: [Double] = [1.5, -0.25]
  }

  struct AuditedDocument: Codable, Equatable {
    var names: AuditedDictionary<String, Int> = ["snake_case": 1, "camelCase": 2]
    var numbers: AuditedDictionary<Int, AuditedDictionary<String, Date>> = [1: ["a": Date(timeIntervalSince1970: 0)]]
    var colours: AuditedDictionary<Colour, Data> = [.red: Data([1, 2])]
    var pairs: AuditedDictionary<[Int], String> = [[1]: "one"]
    var tags: AuditedSet<String> = ["only"]
    var list: AuditedArray<Double> = [1.5, -0.25]
  }

  private func encoders() -> [JSONEncoder] {
    let plain = JSONEncoder()
    plain.outputFormatting = [.sortedKeys]
    let pretty = JSONEncoder()
    pretty.outputFormatting = [.sortedKeys, .prettyPrinted, .withoutEscapingSlashes]
    pretty.keyEncodingStrategy = .convertToSnakeCase
    pretty.dateEncodingStrategy = .iso8601
    pretty.dataEncodingStrategy = .deferredToData
    return [plain, pretty]
  }

  @Test func json_isByteForByteThePlainTypes() throws {
    for encoder in encoders() {
      let expected = try encoder.encode(PlainDocument())
      let found = try encoder.encode(AuditedDocument())
      #expect(String(decoding: found, as: UTF8.self) == String(decoding: expected, as: UTF8.self))
      let decoder = JSONDecoder()
      if case .iso8601 = encoder.dateEncodingStrategy {
        decoder.dateDecodingStrategy = .iso8601
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        decoder.dataDecodingStrategy = .deferredToData
      }
      #expect(try decoder.decode(AuditedDocument.self, from: expected) == AuditedDocument())
      #expect(try decoder.decode(PlainDocument.self, from: found) == PlainDocument())
    }
    let top = try JSONEncoder().encode(["a": 1] as AuditedDictionary)
    #expect(String(decoding: top, as: UTF8.self) == #"{"a":1}"#)
    #expect(try JSONDecoder().decode(AuditedDictionary<String, Int>.self, from: top) == ["a": 1])
  }

  @Test func propertyList_isByteForByteThePlainTypes() throws {
    let encoder = PropertyListEncoder()
    encoder.outputFormat = .xml
    #expect(try encoder.encode(AuditedDocument()) == encoder.encode(PlainDocument()))
    let data = try encoder.encode(PlainDocument())
    #expect(try PropertyListDecoder().decode(AuditedDocument.self, from: data) == AuditedDocument())
  }

  @Test func decodingErrors_haveThePlainTypesPath() throws {
    func path<T: Decodable>(_ type: T.Type) -> [String] {
      do {
        _ = try JSONDecoder().decode(type, from: Data(#"{"a":{"b":"x"}}"#.utf8))
        return []
      } catch DecodingError.typeMismatch(_, let context) {
        return context.codingPath.map(\.stringValue)
      } catch { return ["\(error)"] }
    }
    #expect(path([String: [String: Int]].self) == ["a", "b"])
    #expect(path(AuditedDictionary<String, AuditedDictionary<String, Int>>.self) == ["a", "b"])
  }

  @Test func descriptionsAndMirrors_areThePlainTypes() {
    let (dictionary, set, array): ([String: Int], Set<Int>, [String?]) = (["a": 1], [1], ["x", nil])
    let (d, s, a) = (AuditedDictionary(dictionary), AuditedSet(set), AuditedArray(array))
    #expect("\(d)" == "\(dictionary)" && "\(s)" == "\(set)" && "\(a)" == "\(array)")
    #expect(String(reflecting: d) == String(reflecting: dictionary))
    #expect(String(reflecting: s) == String(reflecting: set))
    #expect(String(reflecting: a) == String(reflecting: array))
    for (one, other) in [(d, dictionary), (s, set), (a, array)] as [(Any, Any)] {
      var (text, expected) = ("", "")
      dump(one, to: &text)
      dump(other, to: &expected)
      #expect(text == expected)
      #expect(Mirror(reflecting: one).displayStyle == Mirror(reflecting: other).displayStyle)
    }
  }

  @Test func equalValues_haveEqualHashes() {
    let one: AuditedDictionary = ["a": 1, "b": 2]
    var other: AuditedDictionary = ["b": 2]
    other["a"] = 1
    #expect(one == other && one.hashValue == other.hashValue && AnyHashable(one) == AnyHashable(other))
    #expect(AnyHashable(one) as? AuditedDictionary<String, Int> == one)
    #expect(one.hashValue == one.dictionary.hashValue)
    #expect(AnyHashable(AuditedSet([1, 2])) == AnyHashable(AuditedSet([2, 1])))
    #expect(AnyHashable(AuditedArray([1, 2])) == AnyHashable(AuditedArray([1, 2])))
    #expect(Set([one, other]).count == 1)
    #expect(one != ["a": 1] && ["a": 1] != one && one == one.dictionary && one.dictionary == one)
  }
}
#endif
