public import Checkpoints
public import Files
public import Text
internal import Training

/// A model as somebody hands it on: the checkpoint and the tokenizer beside it.
public struct SourceModel: Sendable {
  /// Configuration and weights.
  public let checkpoint: ModelCheckpoint
  /// What turns texts into its ids.
  public let tokenizer: Tokenizer

  /// Reads a Hugging Face directory.
  ///
  /// - Throws: `InputError` where model or tokenizer cannot be read, or one does not belong to the
  ///   other.
  public init(
    _ directory: String, for purpose: ModelCheckpoint.Purpose
  ) throws(InputError) {
    checkpoint = try ModelCheckpoint.load(directory: directory, for: purpose)
    var tokenizer = try Tokenizer.load(directory: directory)
    let vocabularySize = checkpoint.configuration.vocabularySize
    guard tokenizer.idBound <= vocabularySize else {
      throw InputError(
        file: directory,
        problem: "has a tokenizer with ids up to \(tokenizer.idBound - 1) and a model of "
          + "\(vocabularySize) word embeddings",
        remedy: "use the tokenizer that belongs to the model")
    }
    guard tokenizer.prefix.count == 1 else {
      throw InputError(
        file: directory, problem: "has a tokenizer that puts no [CLS] before a text",
        remedy:
          "save it again with a post_processor, or delete tokenizer.json if vocab.txt is there")
    }
    tokenizer.embeddingCount = vocabularySize
    self.tokenizer = tokenizer
  }

  /// Labelled texts as the model reads them.
  ///
  /// - Parameter maximumLength: tokens of a text that are read, as far as the model has positions.
  /// - Throws: `InputError` where a text holds a token without an embedding.
  public func encoded(_ data: Dataset, maximumLength: Int) throws(InputError) -> EncodedDataset {
    try EncodedDataset(
      data, tokenizer: tokenizer, maximumLength: tokenLimit(maximumLength),
      padding: checkpoint.configuration.padding)
  }

  /// Makes sure that another model calls this one's tokens as it does: embeddings of two
  /// vocabularies have nothing in common, though their shapes may.
  ///
  /// - Throws: `InputError` about the other one.
  public func requireVocabulary(of other: SourceModel) throws(InputError) {
    for id in 0..<Int32(tokenizer.idBound) {
      let (own, token) = (tokenizer.token(for: id), other.tokenizer.token(for: id))
      guard own == token else {
        throw InputError(
          file: other.checkpoint.sourceDirectory,
          problem: "calls the token \(id) \"\(token ?? "")\", and "
            + "\(checkpoint.sourceDirectory ?? "the other model") \"\(own ?? "")\"",
          remedy: "name a model that was made of the same one, or one with its vocabulary")
      }
    }
  }

  /// Tokens of a text that the model reads of `length` that are asked for.
  public func tokenLimit(_ length: Int) -> Int { checkpoint.configuration.tokenLimit(length) }
}
