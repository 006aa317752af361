// SPDX-License-Identifier: Apache-2.0
//
// The whole report of a violation, in each of its forms.

#if REPORTS && canImport(Glibc)

extension Violation {
  /// The report as text, without colour.
  package var textReport: String { TextRenderer().render(self) }
  /// The report as JSON, schema "access-audit/1".
  package var jsonReport: String { JSONRenderer.render(self) }
}

#endif
