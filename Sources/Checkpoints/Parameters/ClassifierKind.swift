/// What turns the hidden state of [CLS] into one number a class.
public enum ClassifierKind: String, Sendable, CaseIterable {
  /// The family's own classifier, as `AutoModelForSequenceClassification` has it: a dense layer with
  /// tanh (BERT, RoBERTa) or ReLU (DistilBERT), then a linear one.
  case native
  /// The paper's: dropout and one linear layer.
  case linear
}
