import Tensors

/// outputDropout(LayerNorm(residual + inputDropout(input + bias))) and its gradients, row by row.
struct LayerNormReference<Scalar: ReferenceScalar> {
  let sum: Matrix<Scalar>
  let normalized: Matrix<Scalar>
  let reciprocalDeviation: [Scalar]
  let output: Matrix<Scalar>

  @specialized(where Scalar == Double)
  @specialized(where Scalar == Float)
  init(
    input: Matrix<Scalar>, bias: [Scalar]?, residual: [Scalar]?, inputDropout: Dropout,
    gamma: [Scalar], beta: [Scalar], epsilon: Scalar, outputDropout: Dropout
  ) {
    let (rows, size) = (input.rowCount, input.columnCount)
    var sum = input
    if let bias {
      for row in 0..<rows { for column in 0..<size { sum[row, column] += bias[column] } }
    }
    sum = inputDropout.applied(to: sum)
    if let residual { for index in residual.indices { sum.elements[index] += residual[index] } }
    var normalized = sum
    var output = sum
    var reciprocals: [Scalar] = []
    for row in 0..<rows {
      var mean: Scalar = 0
      for column in 0..<size { mean += sum[row, column] }
      mean /= Scalar(size)
      var variance: Scalar = 0
      for column in 0..<size {
        variance += (sum[row, column] - mean) * (sum[row, column] - mean)
      }
      variance /= Scalar(size)
      let reciprocal = 1 / (variance + epsilon).squareRoot()
      for column in 0..<size {
        normalized[row, column] = (sum[row, column] - mean) * reciprocal
        output[row, column] = normalized[row, column] * gamma[column] + beta[column]
      }
      reciprocals.append(reciprocal)
    }
    self.sum = sum
    self.normalized = normalized
    self.reciprocalDeviation = reciprocals
    self.output = outputDropout.applied(to: output)
  }

  struct Gradients {
    var dSum: Matrix<Scalar>
    /// r · (|g| + mean|g| + |x̂| · mean|g · x̂|): the summands of dSum.
    var magnitudes: Matrix<Scalar>
    var dGamma: [Scalar]
    var dBeta: [Scalar]
  }

  /// dsum = r · (g − mean(g) − x̂ · mean(g · x̂)) with g = dOutput · gamma and r the reciprocal deviation.
  @specialized(where Scalar == Double)
  @specialized(where Scalar == Float)
  func gradients(_ dOutput: Matrix<Scalar>, gamma: [Scalar], outputDropout: Dropout) -> Gradients {
    let (rows, size) = (sum.rowCount, sum.columnCount)
    let upstream = outputDropout.applied(to: dOutput)
    let zeros = [Scalar](repeating: 0, count: size)
    var result = Gradients(
      dSum: Matrix(zeros: rows, size), magnitudes: Matrix(zeros: rows, size), dGamma: zeros,
      dBeta: zeros)
    for row in 0..<rows {
      var (mean, projection): (Scalar, Scalar) = (0, 0)
      var (meanSize, projectionSize): (Scalar, Scalar) = (0, 0)
      for column in 0..<size {
        let g = upstream[row, column] * gamma[column]
        mean += g
        projection += g * normalized[row, column]
        meanSize += abs(g)
        projectionSize += abs(g * normalized[row, column])
        result.dGamma[column] += upstream[row, column] * normalized[row, column]
        result.dBeta[column] += upstream[row, column]
      }
      let count = Scalar(size)
      for column in 0..<size {
        let g = upstream[row, column] * gamma[column]
        let x = normalized[row, column]
        let r = reciprocalDeviation[row]
        result.dSum[row, column] = r * (g - mean / count - x * projection / count)
        result.magnitudes[row, column] =
          r * (abs(g) + meanSize / count + abs(x) * projectionSize / count)
      }
    }
    return result
  }
}
