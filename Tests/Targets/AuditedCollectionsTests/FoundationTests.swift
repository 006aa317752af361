// SPDX-License-Identifier: Apache-2.0
//
// Audited collections where Foundation asks for bytes, or codes with a configuration: results are
// the plain types'.

import AuditedCollectionsFoundation
import Foundation
import Testing

@Suite(.serialized)
struct FoundationTests {
  private func count<Bytes: ContiguousBytes>(_ bytes: Bytes) -> Int { bytes.withUnsafeBytes { $0.count } }
  private func sum<Bytes: DataProtocol>(_ bytes: Bytes) -> Int {
    bytes.regions.reduce(0) { $0 + $1.withUnsafeBytes { $0.reduce(0) { $0 + Int($1) } } }
  }
  private func clear<Bytes: MutableDataProtocol>(_ bytes: inout Bytes) {
    bytes.resetBytes(in: bytes.startIndex..<bytes.endIndex)
  }

  @Test func bytes_areTaken() {
    var bytes: AuditedArray<UInt8> = [1, 2, 3]
    #expect(count(bytes) == 3 && sum(bytes) == 6)
    var copied = [UInt8](repeating: 0, count: 3)
    let copiedCount = copied.withUnsafeMutableBytes { bytes.copyBytes(to: $0) }
    #expect(copiedCount == 3 && copied == [1, 2, 3])
    #expect(bytes.firstRange(of: Data([2, 3])) == 1..<3)
    var data = Data([0])
    data.append(contentsOf: bytes)
    #expect(data == Data([0, 1, 2, 3]))
    clear(&bytes)
    #expect(bytes == [0, 0, 0])
  }

  /// A number that is coded with the number that its configuration says added.
  struct Shifted: CodableWithConfiguration, Hashable {
    var number: Int
    init(_ number: Int) { self.number = number }
    init(from decoder: any Decoder, configuration: Int) throws {
      number = try decoder.singleValueContainer().decode(Int.self) - configuration
    }
    func encode(to encoder: any Encoder, configuration: Int) throws {
      var container = encoder.singleValueContainer()
      try container.encode(number + configuration)
    }
  }

  @Test func configurations_reachTheElements() throws {
    func coded<Value: CodableWithConfiguration>(_ value: Value) throws -> String
    where Value.EncodingConfiguration == Int, Value.DecodingConfiguration == Int, Value: Equatable {
      let data = try JSONEncoder().encode(value, configuration: 7)
      #expect(try JSONDecoder().decode(Value.self, from: data, configuration: 7) == value)
      return String(decoding: data, as: UTF8.self)
    }
    #expect(try coded(AuditedArray([Shifted(1), Shifted(2)])) == "[8,9]")
    #expect(try coded([Shifted(1), Shifted(2)]) == "[8,9]")
  }
}
