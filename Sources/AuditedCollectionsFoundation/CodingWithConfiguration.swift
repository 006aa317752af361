// SPDX-License-Identifier: Apache-2.0
//
// Coding with a configuration, which Foundation declares for arrays and not for sets and
// dictionaries. Encoding is one read; decoding wraps the array that Foundation decodes.

#if AUDITED && canImport(Glibc)

#if canImport(FoundationEssentials)
public import FoundationEssentials
#else
public import Foundation
#endif
public import AuditedCollections

extension AuditedArray: EncodableWithConfiguration where Element: EncodableWithConfiguration {
  /// Encodes as Array does.
  ///
  /// - Throws: what the encoder throws.
  /// - Complexity: O(n).
  public func encode(to encoder: any Encoder, configuration: Element.EncodingConfiguration) throws {
    try read(.encode) { plain throws in try plain.encode(to: encoder, configuration: configuration) }
  }
}

extension AuditedArray: DecodableWithConfiguration where Element: DecodableWithConfiguration {
  /// Decodes as Array does.
  ///
  /// - Throws: what the decoder throws.
  /// - Complexity: O(n).
  public init(from decoder: any Decoder, configuration: Element.DecodingConfiguration) throws {
    self.init(wrapping: try Array(from: decoder, configuration: configuration))
  }
}

#endif
