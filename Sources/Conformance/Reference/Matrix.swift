/// A dense row-major matrix for references.
struct Matrix<Scalar: ReferenceScalar> {
  var rowCount: Int
  var columnCount: Int
  var elements: [Scalar]

  init(_ rowCount: Int, _ columnCount: Int, _ elements: [Scalar]) {
    precondition(elements.count == rowCount * columnCount, "elements do not fill the matrix")
    self.rowCount = rowCount
    self.columnCount = columnCount
    self.elements = elements
  }

  init(zeros rowCount: Int, _ columnCount: Int) {
    self.init(rowCount, columnCount, [Scalar](repeating: 0, count: rowCount * columnCount))
  }

  subscript(row: Int, column: Int) -> Scalar {
    get { elements[row * columnCount + column] }
    set { elements[row * columnCount + column] = newValue }
  }
}

/// Σ left · right.
@specialized(where Scalar == Double)
@specialized(where Scalar == Float)
func dot<Scalar: ReferenceScalar>(_ left: [Scalar], _ right: [Scalar]) -> Scalar {
  precondition(left.count == right.count, "a dot product of vectors of unequal length")
  var sum: Scalar = 0
  for index in left.indices { sum += left[index] * right[index] }
  return sum
}

extension Matrix {
  /// Rows and columns exchanged.
  var transposed: Matrix {
    var result = Matrix(zeros: columnCount, rowCount)
    for row in 0..<rowCount {
      for column in 0..<columnCount { result[column, row] = self[row, column] }
    }
    return result
  }

  /// Sum of each column.
  var columnSums: [Scalar] {
    (0..<columnCount).map { column in
      (0..<rowCount).reduce(0) { $0 + self[$1, column] }
    }
  }
}

extension Matrix {
  /// Columns `from ..< from + count`.
  func columns(from first: Int, count: Int) -> Matrix {
    var result = Matrix(zeros: rowCount, count)
    for row in 0..<rowCount {
      for column in 0..<count { result[row, column] = self[row, first + column] }
    }
    return result
  }

  /// Matrices of equal height in a row, with `margin` columns of zeros on either side.
  static func sideBySide(_ parts: [Matrix], margin: Int) -> Matrix {
    let rows = parts.first?.rowCount ?? 0
    let width = parts.reduce(2 * margin) { $0 + $1.columnCount }
    var result = Matrix(zeros: rows, width)
    for row in 0..<rows {
      var column = margin
      for part in parts {
        for inner in 0..<part.columnCount { result[row, column + inner] = part[row, inner] }
        column += part.columnCount
      }
    }
    return result
  }
}
