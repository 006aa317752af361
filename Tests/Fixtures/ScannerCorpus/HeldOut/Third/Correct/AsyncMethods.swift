// SPDX-License-Identifier: Apache-2.0

actor Feed {
  private var items: [Int] = []

  func load() async {
    async let first = fetch(1)
    async let second = fetch(2)
    _ = await (first, second)
  }

  private func fetch(_ page: Int) async -> Int {
    items.append(page)
    return items.count
  }
}
