// SPDX-License-Identifier: Apache-2.0
//
// The kinds of collection that are audited, as messages name them. Data only.

/// The kind of collection, as messages name it. A variable that is audited itself is one too,
/// without elements.
public enum CollectionKind: String, Sendable, Hashable, Codable, CaseIterable {
  case dictionary
  case set
  case array
  case variable
}
