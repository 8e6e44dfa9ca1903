/// What the norm of the [CLS] row adds to a case of attention.
enum CLSNorm: Sendable, Equatable {
  case none
  /// Coefficients handed in.
  case coefficient
  /// The whole chain: sums of squares, norm, gradient.
  case term(jointBatch: Bool)

  /// What a case's size says of it.
  var description: String {
    switch self {
    case .none: ""
    case .coefficient: ", given coefficients"
    case .term(let jointBatch): jointBatch ? ", joint norm" : ", norm per text"
    }
  }

  /// What it adds to the objective: its loss, or half of Σ coefficient · Σ a² where those are given.
  func loss(
    _ squareSum: [Double], given coefficient: [Double]?, mask: [Double], weight: Double
  ) -> Double {
    switch self {
    case .none: 0
    case .coefficient: dot(squareSum, coefficient ?? []) / 2
    case .term(let jointBatch): term(squareSum, mask, weight, jointBatch).loss
    }
  }

  /// What each [CLS] weight is multiplied by in its gradient, [texts, heads]. Sets what `attentionNorm` writes.
  func coefficient<Scalar: ReferenceScalar>(
    _ squareSum: [Scalar], _ inputs: Values<Scalar>, mask: [Scalar], weight: Double,
    in outcome: inout Outcome<Scalar>
  ) -> [Scalar]? {
    guard case .term(let jointBatch) = self else { return inputs.optional("coefficient") }
    let term = term(squareSum, mask, weight, jointBatch)
    outcome.set("loss", [inputs["lossBefore"][0] + term.loss])
    outcome.set("coefficient", term.coefficient)
    return term.coefficient
  }

  private func term<Scalar: ReferenceScalar>(
    _ squareSum: [Scalar], _ mask: [Scalar], _ weight: Double, _ jointBatch: Bool
  ) -> AttentionNormReference<Scalar> {
    AttentionNormReference(
      squareSum: squareSum, mask: mask, weight: Scalar(weight),
      textCount: mask.isEmpty ? 0 : squareSum.count / mask.count, jointBatch: jointBatch)
  }
}
