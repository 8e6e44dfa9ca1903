public import Checkpoints
internal import Files

/// A model as documents about it name it.
public struct DescribedModel: Sendable {
  /// The name of its directory.
  public var name: String
  /// Its files.
  public var digest: ModelDigest
  /// The class of transformers that loads it, such as `BertForSequenceClassification`.
  public var architecture: String?
  /// The licence that its card names.
  public var license: String?
  /// Whether it classifies texts, or is an encoder alone.
  public var isClassifier: Bool

  /// A model that lies in a directory.
  public init(_ name: String, _ checkpoint: ModelCheckpoint, _ digest: ModelDigest) {
    self.name = name
    self.digest = digest
    architecture = checkpoint.sourceConfiguration["architectures"]?.array?.first?.string
    license = checkpoint.license
    isClassifier = checkpoint.classifierKind != nil
  }
}
