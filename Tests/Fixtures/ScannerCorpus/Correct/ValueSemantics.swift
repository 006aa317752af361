// SPDX-License-Identifier: Apache-2.0
// Correct: a struct with collections, changed by its owner only.
struct Matrix {
  private var cells: [Int: Double] = [:]
  private(set) var touched: Set<Int> = []

  subscript(index: Int) -> Double {
    get { cells[index] ?? 0 }
    set {
      cells[index] = newValue
      touched.insert(index)
    }
  }
}

func fill() async -> Matrix {
  var matrix = Matrix()
  for index in 0..<4 {
    matrix[index] = Double(index)
  }
  let done = matrix
  await Task.detached { print(done.touched.count) }.value
  return matrix
}
