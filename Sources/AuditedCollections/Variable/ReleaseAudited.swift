// SPDX-License-Identifier: Apache-2.0
//
// `@Audited` in a release build: the value.

#if !(AUDITED && canImport(Glibc))

/// The value itself: auditing is compiled out of this build.
@propertyWrapper @frozen
public struct Audited<Value>: ~Copyable {
  /// The value.
  public var wrappedValue: Value

  /// A variable with this first value.
  @inlinable @inline(always)
  public init(wrappedValue: Value) { self.wrappedValue = wrappedValue }

  /// A variable with this first value; the label is for audited builds.
  @inlinable @inline(always)
  public init(wrappedValue: Value, label: String) { self.wrappedValue = wrappedValue }
}

extension Audited: Sendable where Value: Sendable {}

#endif
