// SPDX-License-Identifier: Apache-2.0
//
// The version of this package. The public face and the command-line tool both say it.

package enum PackageVersion {
  /// As in the package's tags. Written here and nowhere else; the README's requirement follows it.
  package static var text: String { "0.1.0" }
}
