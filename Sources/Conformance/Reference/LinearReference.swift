import Tensors

extension Activation {
  /// f(x); GELU is x · Φ(x).
  func value<Scalar: ReferenceScalar>(_ x: Scalar) -> Scalar {
    switch self {
    case .identity: x
    case .gelu: x * normalDistribution(x)
    case .tanh: Scalar.tanh(x)
    case .relu: max(0, x)
    }
  }

  /// f′(x); for GELU Φ(x) + x · φ(x).
  func derivative<Scalar: ReferenceScalar>(_ x: Scalar) -> Scalar {
    switch self {
    case .identity: return 1
    case .gelu: return normalDistribution(x) + x * normalDensity(x)
    case .tanh:
      let y = Scalar.tanh(x)
      return 1 - y * y
    case .relu: return x > 0 ? 1 : 0
    }
  }

  /// Bounds |f′| and |f″| away from ReLU's kink: how much of an error before the activation passes through it.
  static let steepest = 1.13
}

/// Φ(x) = (1 + erf(x / √2)) / 2.
private func normalDistribution<Scalar: ReferenceScalar>(_ x: Scalar) -> Scalar {
  let argument: Scalar = x / Scalar(2).squareRoot()
  return (1 + Scalar.erf(argument)) / 2
}

/// φ(x) = exp(−x² / 2) / √(2π).
private func normalDensity<Scalar: ReferenceScalar>(_ x: Scalar) -> Scalar {
  let exponent: Scalar = -x * x / 2
  return Scalar.exp(exponent) / (2 * Scalar.pi).squareRoot()
}

/// input · weightᵀ + bias with, for each element, the sum of the absolute summands.
struct LinearReference<Scalar: ReferenceScalar> {
  let preActivation: Matrix<Scalar>
  let magnitudes: Matrix<Scalar>

  init(input: Matrix<Scalar>, weight: Matrix<Scalar>, bias: [Scalar]?) {
    var sums = Matrix<Scalar>(zeros: input.rowCount, weight.rowCount)
    var magnitudes = sums
    for row in 0..<input.rowCount {
      for column in 0..<weight.rowCount {
        var sum: Scalar = 0
        var magnitude: Scalar = 0
        for depth in 0..<input.columnCount {
          let product = input[row, depth] * weight[column, depth]
          sum += product
          magnitude += abs(product)
        }
        if let bias {
          sum += bias[column]
          magnitude += abs(bias[column])
        }
        sums[row, column] = sum
        magnitudes[row, column] = magnitude
      }
    }
    preActivation = sums
    self.magnitudes = magnitudes
  }
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

  /// Absolute values.
  var absolute: Matrix { Matrix(rowCount, columnCount, elements.map { abs($0) }) }
}
