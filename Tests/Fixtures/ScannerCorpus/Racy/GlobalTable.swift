// SPDX-License-Identifier: Apache-2.0
// Shape: a file's private global that every call changes.
// expect: mutable-global internedStrings
private var internedStrings = [String: Int]()

public func intern(_ string: String) -> Int {
  if let id = internedStrings[string] {
    return id
  }
  let id = internedStrings.count
  internedStrings[string] = id
  return id
}
