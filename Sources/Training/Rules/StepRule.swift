public import Files
public import Tensors

/// How the gradients of a step's streams become the one that AdamW takes.
public protocol StepRule: Sendable {
  /// Its kind and settings: part of a run's identity.
  var json: JSONValue { get }
  /// Leaves the step's gradient in `passes.gradient`, and adds its loss to `passes.loss`. It may
  /// be called again for the same step with its batches cut smaller.
  func backpropagate(_ passes: inout StepPasses) throws(DeviceError)
}

/// The gradients of all streams, added up.
public struct PlainStep: StepRule {
  /// It has no settings.
  public init() {}

  /// Its kind.
  public var json: JSONValue { ["kind": "plain"] }

  /// One backward pass a stream.
  public func backpropagate(_ passes: inout StepPasses) throws(DeviceError) {
    for (index, stream) in passes.streams.enumerated() {
      try passes.backpropagate(
        stream, into: passes.gradient, loss: passes.loss, adding: index > 0)
    }
  }
}
