import Tensors

/// What the norm of the [CLS] row adds to a case of attention.
enum CLSNorm: Sendable, Equatable {
  case none
  /// Coefficients handed in.
  case coefficient
  /// The whole chain: sums of squares, norm, gradient.
  case term(jointBatch: Bool)

  private var description: String {
    switch self {
    case .none: ""
    case .coefficient: ", given coefficients"
    case .term(let jointBatch): jointBatch ? ", joint norm" : ", norm per text"
    }
  }

  /// What a case of attention calls itself: its texts, its heads, and the options that both attentions have.
  func size(
    _ lengths: [Int], heads: String, mask: [Float]?, dropout: Dropout, prefix: Int,
    afterDropout: Bool, sharpness: Double
  ) -> String {
    let tokens = lengths.reduce(0, +)
    var text =
      lengths.count > 6 ? "\(lengths.count) texts, \(tokens) tokens" : "texts of \(lengths)"
    text += ", \(heads)"
    if let mask { text += ", \(mask.count { $0 == 0 }) masked" }
    if dropout != .none { text += ", dropout \(dropout.probability)" }
    if prefix > 0 { text += ", prefix \(prefix)" }
    if afterDropout { text += ", norm after dropout" }
    text += description
    return sharpness == 1 ? text : text + ", scores × \(sharpness)"
  }

  private static let weight = 0.25

  /// What `attentionNorm` writes, in the bound of the weights.
  func outputs(_ perText: [Int], _ weights: Tolerance) -> [Output] {
    guard case .term = self else { return [] }
    return [
      Output("loss", [1], after: .backward, weights, .startingAs("lossBefore")),
      Output("coefficient", perText, after: .backward, weights),
    ]
  }

  /// What it reads.
  func addInputs(to inputs: inout Inputs, _ perText: [Int], from generator: inout Generator) {
    switch self {
    case .none: break
    case .coefficient:
      inputs.add("coefficient", perText, generator.normal(perText.reduce(1, *)))
    case .term: inputs.add("lossBefore", [1], generator.normal(1))
    }
  }

  /// The norm term, between attention's two passes.
  func run(on backend: any Backend, in workspace: Workspace) throws(DeviceError) {
    guard case .term(let jointBatch) = self else { return }
    let squareSum = workspace["squareSum"]
    try backend.attentionNorm(
      squareSum: squareSum, headMask: workspace.optional("mask"), weight: Self.weight,
      textCount: squareSum.shape[0], jointBatch: jointBatch,
      coefficient: workspace["coefficient"], loss: workspace["loss"])
  }

  /// What it adds to the objective: its loss, or half of Σ coefficient · Σ a² where those are given.
  func loss(
    _ squareSum: [Double], given coefficient: [Double]?, mask: [Double]
  ) -> Double {
    switch self {
    case .none: 0
    case .coefficient: dot(squareSum, coefficient ?? []) / 2
    case .term(let jointBatch): term(squareSum, mask, jointBatch).loss
    }
  }

  /// What each [CLS] weight is multiplied by in its gradient, [texts, heads]. Sets what `attentionNorm` writes.
  func coefficient<Scalar: ReferenceScalar>(
    _ squareSum: [Scalar], _ inputs: Values<Scalar>, mask: [Scalar],
    in outcome: inout Outcome<Scalar>
  ) -> [Scalar]? {
    guard case .term(let jointBatch) = self else { return inputs.optional("coefficient") }
    let term = term(squareSum, mask, jointBatch)
    outcome.set("loss", [inputs["lossBefore"][0] + term.loss])
    outcome.set("coefficient", term.coefficient)
    return term.coefficient
  }

  private func term<Scalar: ReferenceScalar>(
    _ squareSum: [Scalar], _ mask: [Scalar], _ jointBatch: Bool
  ) -> AttentionNormReference<Scalar> {
    AttentionNormReference(
      squareSum: squareSum, mask: mask, weight: Scalar(Self.weight),
      textCount: mask.isEmpty ? 0 : squareSum.count / mask.count, jointBatch: jointBatch)
  }
}
