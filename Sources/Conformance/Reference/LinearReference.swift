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
  let sums: Matrix<Scalar>
  let magnitudes: Matrix<Scalar>

  /// - Parameter sizes: what stands for |input| in the magnitudes, where the input itself is a rounded result.
  @specialized(where Scalar == Double)
  @specialized(where Scalar == Float)
  init(
    input: Matrix<Scalar>, sizes: Matrix<Scalar>? = nil, weight: Matrix<Scalar>, bias: [Scalar]?
  ) {
    let (rows, columns, depth) = (input.rowCount, weight.rowCount, input.columnCount)
    let (left, right) = (input.elements, weight.elements)
    let leftSizes = sizes?.elements ?? left
    var sums = [Scalar](repeating: 0, count: rows * columns)
    var magnitudes = sums
    for row in 0..<rows {
      for column in 0..<columns {
        var sum: Scalar = bias?[column] ?? 0
        var magnitude: Scalar = sum.magnitude
        for index in 0..<depth {
          let factor = right[column * depth + index]
          sum += left[row * depth + index] * factor
          magnitude += leftSizes[row * depth + index].magnitude * factor.magnitude
        }
        sums[row * columns + column] = sum
        magnitudes[row * columns + column] = magnitude
      }
    }
    self.sums = Matrix(rows, columns, sums)
    self.magnitudes = Matrix(rows, columns, magnitudes)
  }
}
