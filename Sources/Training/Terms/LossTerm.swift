public import Encoders
public import Files
public import Tensors

/// One step as a loss term sees it.
public struct LossContext: Sendable {
  /// The forward pass.
  public let pass: Classifier.Pass
  /// The texts.
  public let batch: EncoderBatch
  /// Where they stand in the whole batch, of which `batch` may be a part.
  public let part: BatchPart
  /// [layers, heads] of 0 and 1; nil: all alive.
  public let headMask: Tensor?
}

/// One addend of the training loss: a function of the logits, of the layers' [CLS] states, or of
/// their [CLS] attention rows.
public protocol LossTerm: Sendable {
  /// Sums of the [CLS] attention row that the term needs; nil: none.
  var trace: TraceOptions? { get }
  /// What it needs of the layers' [CLS] states.
  var layers: LayerReading { get }
  /// Whether the logits that it reads are those after the head's dropout; nil: it reads none.
  var headDropout: Bool? { get }
  /// The term is no sum over texts: of a batch that is cut, each part needs
  /// `BatchPart.squareSums`.
  var joinsTexts: Bool { get }
  /// Its kind and settings: part of a run's identity.
  var json: JSONValue { get }
  /// Adds the term's value to `loss` [1], and its gradient to `gradients`.
  func add(to gradients: inout LossGradients, loss: Tensor, _ context: LossContext)
    throws(DeviceError)
}

extension LossTerm {
  /// None.
  public var trace: TraceOptions? { nil }
  /// None.
  public var layers: LayerReading { .none }
  /// It reads none.
  public var headDropout: Bool? { nil }
  /// It is a sum over texts.
  public var joinsTexts: Bool { false }
}

/// What several terms need of one pass, which has room for one kind of sums, of logits and of
/// layers' logits.
extension [any LossTerm] {
  var trace: TraceOptions? {
    let traces = compactMap(\.trace)
    precondition(
      traces.allSatisfy { $0 == traces[0] },
      "two loss terms need different sums of the [CLS] attention row")
    return traces.first
  }

  var headDropout: Bool {
    let wishes = Set(compactMap(\.headDropout))
    precondition(wishes.count < 2, "two loss terms read logits with dropout and without")
    return wishes.first ?? true
  }

  var layers: LayerReading {
    let readings = map(\.layers).filter { $0 != .none }
    let heads = readings.filter { $0 != .states }
    precondition(
      heads.allSatisfy { $0 == heads[0] },
      "two loss terms apply the classifier to the layers in different ways")
    return heads.first ?? readings.first ?? .none
  }
}
