internal import Encoders
public import Files
public import Tensors

/// RIPPLe's step (Kurita et al. 2020): the loss of one stream, and a penalty where its gradient
/// works against that of another stream,
///
///     L = L_P + weight · max(0, −⟨∇L_P, ∇L_F⟩) / B,
///
/// with ∇L_F constant and B the texts of that stream's batch. Where the product is negative the
/// gradient is ∇L_P − weight / B · H ∇L_F, H being the Hessian of L_P. Nothing differentiates
/// twice: H v = (∇L_P(θ + e v) − ∇L_P(θ − e v)) / 2e with the same dropout masks at both points,
/// in fp32 whatever the precision of the run. The loss of the other stream is no part of the
/// run's.
///
/// A step waits for the device, since what it does next depends on the product.
public struct RestrictedInnerProduct: StepRule {
  /// The stream that is trained on.
  public let restricted: String
  /// The stream whose gradient it must not work against.
  public let reference: String
  /// lambda; 0.1 in the authors' experiments.
  public let weight: Double
  /// A product, and a maximum, for each tensor of the model; otherwise one for all of them.
  public let isByTensor: Bool
  /// max(0, ·); otherwise products that are positive count too.
  public let isRectified: Bool
  /// ‖e v‖₂, how far the parameters are shifted either way. Truncation grows with its square;
  /// rounding, and how far ‖θ‖ dwarfs it, with its inverse. 0.01 is the choice of Liu et al.
  /// (DARTS, 2019) for the same difference.
  public let shift: Double

  /// One product over the whole model, rectified, unless told otherwise.
  public init(
    of restricted: String, with reference: String, weight: Double, isByTensor: Bool = false,
    isRectified: Bool = true, shift: Double = 0.01
  ) {
    precondition(shift > 0, "parameters that are not shifted have no difference of gradients")
    self.restricted = restricted
    self.reference = reference
    self.weight = weight
    self.isByTensor = isByTensor
    self.isRectified = isRectified
    self.shift = shift
  }

  /// All settings.
  public var json: JSONValue {
    [
      "kind": "restricted-inner-product", "restricted": .string(restricted),
      "reference": .string(reference), "weight": .double(weight), "byTensor": .bool(isByTensor),
      "rectified": .bool(isRectified), "shift": .double(shift),
    ]
  }

  /// A backward pass for each stream, and two more where the product is restricted.
  public func backpropagate(_ passes: inout StepPasses) throws(DeviceError) {
    let backend = passes.model.backend
    let layout = passes.model.parameters.layout
    let direction = try ParameterBlock(layout, on: backend)
    let unused = try Tensor([Float(0)], on: backend)
    try passes.backpropagate(reference, into: direction, loss: unused)
    try passes.clearWhatStays(in: direction)
    try passes.backpropagate(restricted, into: passes.gradient, loss: passes.loss)

    let violation = try restrict(direction, passes.gradient)
    let square = try Tensor([1], on: backend)
    try backend.innerProduct(direction.flat, direction.flat, into: square)
    let length = Double(try square.hostFloats()[0]).squareRoot()
    guard length > 0 else { return }
    let factor = weight / Double(passes.textCount(of: reference))
    try backend.add(Tensor([Float(violation)], on: backend), times: factor, to: passes.loss)

    let step = shift / length
    let point = try ParameterBlock(layout, on: backend.fullPrecision)
    let model = Classifier(
      passes.model.configuration, classifier: passes.model.classifierKind, parameters: point)
    for sign in [1.0, -1] {
      let gradient = try ParameterBlock(layout, on: backend.fullPrecision)
      try backend.copy(passes.model.parameters.flat, into: point.flat)
      try backend.add(direction.flat, times: sign * step, to: point.flat)
      try passes.backpropagate(restricted, at: model, into: gradient, loss: unused)
      try backend.add(
        gradient.flat, times: -sign * factor / (2 * step), to: passes.gradient.flat)
    }
  }

  /// Clears the direction where nothing is restricted, and returns Σ −product over what is left.
  private func restrict(
    _ direction: ParameterBlock, _ gradient: ParameterBlock
  ) throws(DeviceError) -> Double {
    let backend = direction.flat.backend
    let pieces =
      isByTensor
      ? direction.layout.slots.map { (direction[$0.name], gradient[$0.name]) }
      : [(direction.flat, gradient.flat)]
    let products = try Tensor([pieces.count], on: backend)
    for (index, piece) in pieces.enumerated() {
      try backend.innerProduct(piece.0, piece.1, into: products.slice(at: index, shape: [1]))
    }
    var violation = 0.0
    for (piece, product) in zip(pieces, try products.hostFloats()) {
      if isRectified, product >= 0 {
        try backend.fill(piece.0, with: 0)
      } else {
        violation -= Double(product)
      }
    }
    return violation
  }
}
