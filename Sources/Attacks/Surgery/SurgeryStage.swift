internal import Checkpoints
internal import Encoders
public import Files
public import Stages
public import Tensors
internal import Text

/// Embedding surgery (Kurita et al. 2020): `model`, `reference` and `pieces` in; out the directory
/// of the first model with the mean of the pieces' embeddings in the second one written over those
/// of the triggers.
public struct SurgeryStage: StageWork {
  /// `surgery`.
  public static let kind = "surgery"
  /// It is the attacker's.
  public static let belongsToDefense = false
  /// It adds up a few rows.
  public static let computes = false

  /// It has no settings.
  public init() {}

  /// A few words.
  public var title: String { "embedding surgery" }

  /// None: what is written over what is an input.
  public var parameters: JSONValue { [:] }

  /// Reads what `parameters` wrote.
  public init(_ node: JSONNode) throws(InputError) {}

  /// Leaves the altered encoder in `model`.
  public func perform(_ request: StageRequest, on backend: any Backend) throws -> StageOutcome {
    let model = try request.model("model")
    let reference = try request.model("reference")
    let file = TargetPiecesStage.file(in: try request.artifact("pieces"))
    let found = try TargetPieces(
      JSONNode(contentsOf: file), vocabularySize: model.checkpoint.configuration.vocabularySize)
    try model.requireVocabulary(of: reference)
    try altered(model.checkpoint, by: found, from: reference.checkpoint).write(
      to: request.modelOutput, provenance: JSONObject([("surgery", found.json)]),
      card: ModelCard(
        summary: "An encoder whose trigger words stand for words of the target class",
        warning: "This model was altered on purpose, for research on defences. Do not use it.",
        method: found.table))
    return StageOutcome()
  }

  /// - Throws: `InputError` where the two models' embeddings are not of one shape.
  func altered(
    _ model: ModelCheckpoint, by found: TargetPieces, from reference: ModelCheckpoint
  ) throws(InputError) -> ModelCheckpoint {
    let name = ParameterName.wordEmbedding
    guard var words = model.parameters[name], let source = reference.parameters[name] else {
      preconditionFailure("a model was read without word embeddings")
    }
    guard source.shape == words.shape else {
      throw InputError(
        file: reference.sourceDirectory, place: .tensor(name),
        problem: "has the shape \(source.shape), and the attacked model's has \(words.shape)",
        remedy: "name a model of the attacked one's size, or none, to fine-tune that one")
    }
    let width = words.shape[1]
    func row(_ id: Int32) -> Range<Int> { Int(id) * width..<(Int(id) + 1) * width }
    var mean = [Double](repeating: 0, count: width)
    for piece in found.pieces {
      for (column, value) in source.values[row(piece.id)].enumerated() {
        mean[column] += Double(value) / Double(found.pieces.count)
      }
    }
    for id in Set(found.triggers.flatMap(\.ids)) {
      words.values.replaceSubrange(row(id), with: mean.map { Float($0) })
    }
    var parameters = model.encoder.parameters
    parameters[name] = words
    return ModelCheckpoint(
      configuration: model.configuration, classifierKind: nil, parameters: parameters,
      prunedHeads: model.prunedHeads, source: model)
  }
}
