// SPDX-License-Identifier: Apache-2.0
//
// The variables of an adoption, the forms in which they are audited, and the limits that a failed
// build sets. Plain values.

#if Scanner

/// How a variable is audited.
public enum AdoptionForm: String, Sendable, Codable {
  /// Its type becomes the audited type.
  case type
  /// Its type stays; `@Audited` watches the variable.
  case wrapper
}

/// One variable that is adopted, or the reason why it is not.
public struct AdoptionCandidate: Sendable {
  /// The variable, as `Type.property`; its label in reports.
  public let symbol: String
  public let place: SourcePlace
  public let form: AdoptionForm?
  /// Why the variable keeps its type, or stays unaudited.
  public let reason: String?
}

/// What a failed build says of a variable.
public enum AdoptionLimit: String, Codable, Sendable {
  /// The audited type does not compile; `@Audited` may.
  case keepsType
  /// Neither compiles.
  case leftAlone
}

/// A variable of a package, whatever else has its name.
struct AdoptionKey: Hashable, Sendable {
  var path: String
  var symbol: String
}

/// Why a variable cannot be adopted in one form.
struct Refusal: Error {
  var text: String
  /// True when it cannot be adopted in any form.
  var isFinal = false
}

#endif
