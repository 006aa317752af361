// SPDX-License-Identifier: Apache-2.0
//
// The names that reports have for types.

#if AUDITED && canImport(Glibc)

/// The names of types as a programmer writes them: without module names.
enum TypeNames {
  static func name(of type: Any.Type) -> String { String(describing: type) }
}

#endif
