/// Gradients of query, key and value, [rows, features] each.
struct AttentionGradients<Scalar: ReferenceScalar> {
  var dQuery: [Scalar]
  var dKey: [Scalar]
  var dValue: [Scalar]

  init(queryCount: Int, keyCount: Int) {
    dQuery = [Scalar](repeating: 0, count: queryCount)
    dKey = [Scalar](repeating: 0, count: keyCount)
    dValue = dKey
  }
}

extension AttentionProblem {
  /// dW[j] = dContext · value[j]; through dropout to dP; dScore[j] = P[j] · (dP[j] − Σ P · dP). In the [CLS] row
  /// coefficient · a is added to the gradient of a, which is P, or W `afterDropout`. `magnitudes` sums the same
  /// summands without their signs, each enlarged by its condition.
  func gradients(
    _ rows: [AttentionRow<Scalar>], dContext: [Scalar], coefficient: [Scalar]?,
    afterDropout: Bool
  ) -> (values: AttentionGradients<Scalar>, magnitudes: AttentionGradients<Scalar>) {
    var values = AttentionGradients<Scalar>(
      queryCount: query.elements.count, keyCount: key.elements.count)
    var magnitudes = values
    for row in rows {
      let factor = row.isCLS ? coefficient?[row.text * headCount + row.head] ?? 0 : 0
      add(
        row, dContext, normFactor: factor, afterDropout: afterDropout, to: &values, &magnitudes)
    }
    return (values, magnitudes)
  }

  @specialized(where Scalar == Double)
  @specialized(where Scalar == Float)
  private func add(
    _ row: AttentionRow<Scalar>, _ dContext: [Scalar], normFactor: Scalar, afterDropout: Bool,
    to values: inout AttentionGradients<Scalar>, _ magnitudes: inout AttentionGradients<Scalar>
  ) {
    let (query, key, value) = (self.query.elements, self.key.elements, self.value.elements)
    let features = headCount * headSize
    let scale = 1 / Scalar(headSize).squareRoot()
    let (probabilities, multipliers) = (row.probabilities, row.multipliers)
    let (queryStart, length) = (row.row * features, probabilities.count)
    let columns = row.head * headSize..<(row.head + 1) * headSize
    var dP = [Scalar](repeating: 0, count: length)
    var dPSizes = dP
    var (mean, meanSize): (Scalar, Scalar) = (0, 0)
    for j in 0..<length {
      let keyStart = (row.firstToken + j) * features
      for d in columns {
        let product = dContext[queryStart + d] * value[keyStart + d] * multipliers[j]
        dP[j] += product
        dPSizes[j] += product.magnitude
      }
      // a = P · multiplier after dropout, and its gradient passes through dropout to P.
      let norm =
        normFactor * probabilities[j] * (afterDropout ? multipliers[j] * multipliers[j] : 1)
      dP[j] += norm
      dPSizes[j] += norm.magnitude
      mean += probabilities[j] * dP[j]
      meanSize += probabilities[j] * dPSizes[j]
    }
    for j in 0..<length {
      let keyStart = (row.firstToken + j) * features
      let dScore = precision.rounded(probabilities[j] * (dP[j] - mean) * scale)
      let weight = precision.rounded(probabilities[j] * multipliers[j])
      let condition = row.conditions[j]
      let dScoreSize = probabilities[j] * (dPSizes[j] + meanSize) * scale * condition
      for d in columns {
        values.dValue[keyStart + d] += weight * dContext[queryStart + d]
        values.dQuery[queryStart + d] += dScore * key[keyStart + d]
        values.dKey[keyStart + d] += dScore * query[queryStart + d]
        magnitudes.dValue[keyStart + d] += weight * condition * dContext[queryStart + d].magnitude
        magnitudes.dQuery[queryStart + d] += dScoreSize * key[keyStart + d].magnitude
        magnitudes.dKey[keyStart + d] += dScoreSize * query[queryStart + d].magnitude
      }
    }
  }
}
