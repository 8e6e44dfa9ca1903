public import Tensors

/// Where the dropout masks of one optimiser step come from.
public struct DropoutSource: Sendable, Equatable {
  /// Seed of the run.
  public var seed: UInt64
  /// Optimiser step, from 0.
  public var step: Int
  /// Tokens of the whole batch before this piece of it.
  public var firstToken: Int
  /// Texts of the whole batch before this piece of it.
  public var firstText: Int

  /// The masks of one step; a batch that is cut in pieces names where each begins.
  public init(seed: UInt64, step: Int, firstToken: Int = 0, firstText: Int = 0) {
    self.seed = seed
    self.step = step
    self.firstToken = firstToken
    self.firstText = firstText
  }
}

/// What the [CLS] attention trace of a pass holds.
public struct TraceOptions: Sendable, Equatable {
  /// Entries of the [CLS] row that count; 0 for all.
  public var prefix = 0
  /// The weights after attention dropout.
  public var afterDropout = false

  /// The whole row, before dropout.
  public init(prefix: Int = 0, afterDropout: Bool = false) {
    self.prefix = prefix
    self.afterDropout = afterDropout
  }
}

/// What a pass keeps of every layer's [CLS] state; the last one's it always has.
public enum LayerReading: Sendable, Equatable {
  case none
  /// The states.
  case states
  /// The states, and what the classifier makes of each.
  case logits(LayerClassifier)
}

/// How the classifier is applied to the [CLS] state of any layer: with the same parameters in all
/// of them, and with dropout masks that differ from layer to layer.
public enum LayerClassifier: Sendable, Equatable {
  /// The whole head, with its own dropout.
  case whole
  /// The head's output layer alone, after dropout of this probability in 0 ..< 1.
  case output(dropout: Double)
}

/// How a forward pass runs.
public struct PassOptions: Sendable {
  /// [layers, heads] of 0 and 1; nil: every head is alive.
  public var headMask: Tensor?
  /// Dropout; nil switches it off.
  public var dropout: DropoutSource?
  /// Whether the head behind the last layer draws its own.
  public var headDropout: Bool
  /// Sums of the [CLS] attention row to collect in every layer.
  public var trace: TraceOptions?
  /// What to keep of every layer's [CLS] state.
  public var layers: LayerReading
  /// Keep what the backward pass needs.
  public var savesActivations: Bool

  /// Inference, unless told otherwise.
  public init(
    headMask: Tensor? = nil, dropout: DropoutSource? = nil, headDropout: Bool = true,
    trace: TraceOptions? = nil, layers: LayerReading = .none, savesActivations: Bool = false
  ) {
    self.headMask = headMask
    self.dropout = dropout
    self.headDropout = headDropout
    self.trace = trace
    self.layers = layers
    self.savesActivations = savesActivations
  }

  /// The places of the model that draw dropout masks; a layer's are offset by `layer · perLayer`.
  enum Site: Int {
    case embeddings = 0
    case headInput = 1
    case head = 2
    case attention = 8
    case attentionOutput = 9
    case feedForward = 10
    case layerHead = 11
    /// Beyond those of any number of layers.
    case layerHeadInput = 0x1_0000
    static let perLayer = 4
  }

  func mask(
    _ site: Site, layer: Int = 0, probability: Double, firstRow: KeyPath<DropoutSource, Int>,
    rowsPerUnit: Int = 1
  ) -> Dropout {
    guard let dropout, probability > 0 else { return .none }
    return Dropout(
      probability: probability, seed: dropout.seed, step: dropout.step,
      site: site.rawValue + layer * Site.perLayer,
      firstRow: dropout[keyPath: firstRow] * rowsPerUnit)
  }

  func layerMask(_ layer: Int) -> Tensor? {
    headMask.map { mask in
      precondition(
        mask.shape.count == 2, "a head mask is [layers, heads] and not of shape \(mask.shape)")
      return mask.slice(at: layer * mask.shape[1], shape: [mask.shape[1]])
    }
  }
}
