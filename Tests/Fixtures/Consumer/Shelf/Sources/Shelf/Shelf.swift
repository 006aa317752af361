// SPDX-License-Identifier: Apache-2.0
//
// The part of a program that lies in a dynamic library.

public import AuditedCollections

public final class Shelf {
  public var books: AuditedDictionary<Int, String> = [:]

  public init() {}

  public func add(_ title: String) { books[books.count] = title }
}
