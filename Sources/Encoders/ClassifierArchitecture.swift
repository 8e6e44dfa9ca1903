internal import Checkpoints
internal import Tensors

/// What stands between the last [CLS] and the logits, as data. With a dense layer:
/// logits = output(dropout(activation(dense(inputDropout(cls))))); without: logits = output(dropout(cls)).
struct ClassifierArchitecture: Sendable, Equatable {
  var inputDropout = 0.0
  /// Activation of the dense layer; nil: there is none.
  var dense: Activation?
  var dropout: Double

  /// The output layer alone.
  init(outputAfterDropout dropout: Double) { self.dropout = dropout }

  init(_ configuration: EncoderConfiguration, _ kind: ClassifierKind) {
    switch (kind, configuration.family) {
    case (.linear, _):
      // The paper's code: Dropout(0.1) and one linear layer, whatever the encoder's own settings.
      dropout = 0.1
    case (.native, .bert):
      (dense, dropout) = (.tanh, configuration.classifierDropout)
    case (.native, .roberta):
      (dense, dropout) = (.tanh, configuration.classifierDropout)
      inputDropout = configuration.classifierDropout
    case (.native, .distilbert):
      (dense, dropout) = (.relu, configuration.classifierDropout)
    }
  }
}
