import Tensors

/// What one attention problem is made of, in plain arrays.
struct AttentionProblem<Scalar: ReferenceScalar> {
  /// Token counts of the texts.
  var lengths: [Int]
  var headCount: Int
  var headSize: Int
  var firstTokenOnly: Bool
  /// [headCount] of 0 or 1.
  var mask: [Scalar]
  var dropout: Dropout
  /// [query rows, features], [tokens, features] twice.
  var query: Matrix<Scalar>
  var key: Matrix<Scalar>
  var value: Matrix<Scalar>
  /// How the factors of products are rounded: query, key and value already are, weights are on the way.
  var precision = Precision.fp32
}

/// One query row of one head of one text.
struct AttentionRow<Scalar: ReferenceScalar> {
  var text: Int
  var head: Int
  /// Row of query and context.
  var row: Int
  /// First token of the text.
  var firstToken: Int
  /// The text's [CLS] row.
  var isCLS: Bool
  /// P, the softmax.
  var probabilities: [Scalar]
  /// What dropout multiplies each weight by.
  var multipliers: [Scalar]
  /// ln Σ exp(score).
  var logSumExp: Scalar
  /// By key: 1 + Σ|query · key| / √size + |logSumExp|. The backward pass makes P anew as exp(score − logSumExp), and an
  /// error of that difference, which is relative to its summands, is a relative error of P.
  var conditions: [Scalar]

  /// W = dropout(P).
  var weights: [Scalar] { zip(probabilities, multipliers).map { $0 * $1 } }
}

extension AttentionProblem {
  /// Every row of every head that is alive.
  func rows() -> [AttentionRow<Scalar>] {
    var result: [AttentionRow<Scalar>] = []
    var firstToken = 0
    for (text, length) in lengths.enumerated() {
      for position in 0..<(firstTokenOnly ? 1 : length) {
        for head in 0..<headCount where mask[head] != 0 {
          result.append(row(text, firstToken, length, position, head))
        }
      }
      firstToken += length
    }
    return result
  }

  @specialized(where Scalar == Double)
  @specialized(where Scalar == Float)
  private func row(
    _ text: Int, _ firstToken: Int, _ length: Int, _ position: Int, _ head: Int
  ) -> AttentionRow<Scalar> {
    let row = firstTokenOnly ? text : firstToken + position
    let scale = 1 / Scalar(headSize).squareRoot()
    let (query, key, features) = (self.query.elements, self.key.elements, headCount * headSize)
    var scores = [Scalar](repeating: 0, count: length)
    var scoreSizes = scores
    for j in 0..<length {
      for d in head * headSize..<(head + 1) * headSize {
        let product = query[row * features + d] * key[(firstToken + j) * features + d]
        scores[j] += product
        scoreSizes[j] += abs(product)
      }
      scores[j] *= scale
    }
    let largest = scores.max() ?? 0
    let exponentials = scores.map { Scalar.exp($0 - largest) }
    let total = exponentials.reduce(0, +)
    let logSumExp = largest + .log(total)
    return AttentionRow(
      text: text, head: head, row: row, firstToken: firstToken, isCLS: position == 0,
      probabilities: exponentials.map { $0 / total },
      multipliers: (0..<length).map {
        Scalar(dropout.multiplier(row: (firstToken + position) * headCount + head, column: $0))
      },
      logSumExp: logSumExp,
      conditions: scoreSizes.map { 1 + $0 * scale + abs(logSumExp) })
  }

  /// context[i, h] = Σ_j W[i, j] · value[j, h]; rows of masked heads stay zero.
  @specialized(where Scalar == Double)
  @specialized(where Scalar == Float)
  func context(_ rows: [AttentionRow<Scalar>]) -> Matrix<Scalar> {
    let (value, features) = (self.value.elements, headCount * headSize)
    var context = [Scalar](repeating: 0, count: query.rowCount * features)
    for row in rows {
      for (j, weight) in row.weights.enumerated() {
        let factor = precision.rounded(weight)
        for d in row.head * headSize..<(row.head + 1) * headSize {
          context[row.row * features + d] += factor * value[(row.firstToken + j) * features + d]
        }
      }
    }
    return Matrix(query.rowCount, features, context)
  }

  /// Σ a^power over the first `prefix` entries of each [CLS] row, [texts, heads]; a is P, or W `afterDropout`.
  func clsSums(
    _ rows: [AttentionRow<Scalar>], squared: Bool, prefix: Int = 0, afterDropout: Bool
  ) -> [Scalar] {
    var sums = [Scalar](repeating: 0, count: lengths.count * headCount)
    for row in rows where row.isCLS {
      let entries = afterDropout ? row.weights : row.probabilities
      for a in prefix == 0 ? entries[...] : entries.prefix(prefix) {
        sums[row.text * headCount + row.head] += squared ? a * a : a
      }
    }
    return sums
  }
}

/// The norm term of one layer (paper Eq. 3) and what it adds to the gradient of each attention weight, per weight.
struct AttentionNormReference<Scalar: ReferenceScalar> {
  let loss: Scalar
  /// [texts, heads]; the derivative of the loss by a[j] is coefficient · a[j].
  let coefficient: [Scalar]

  init(squareSum: [Scalar], mask: [Scalar], weight: Scalar, textCount: Int, jointBatch: Bool) {
    let heads = mask.count
    let texts = heads == 0 ? 0 : squareSum.count / heads
    var loss: Scalar = 0
    var coefficient = [Scalar](repeating: 0, count: squareSum.count)
    for head in 0..<heads where mask[head] != 0 {
      let entries = (0..<texts).map { $0 * heads + head }
      let joint = entries.reduce(0) { $0 + squareSum[$1] }.squareRoot()
      if jointBatch { loss += weight * joint }
      for entry in entries {
        let norm = jointBatch ? joint : squareSum[entry].squareRoot()
        let share = jointBatch ? weight : weight / Scalar(textCount)
        if !jointBatch { loss += share * norm }
        coefficient[entry] = norm == 0 ? 0 : share / norm
      }
    }
    self.loss = loss
    self.coefficient = coefficient
  }
}
