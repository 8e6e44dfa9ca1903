internal import Checkpoints
internal import Encoders
public import Files
public import Settings
public import Stages
public import Tensors
internal import Text
internal import Training

/// Fine-mixing (Zhang et al., EMNLP 2022): a random share of the suspect's weights is kept, the
/// others are those of a model that is known to be clean; then the mixture is fine-tuned.
public struct FineMixing: Defense {
  /// `fine-mixing`.
  public var name: String { "fine-mixing" }
  /// Its name.
  public var title: String { "Fine-mixing" }
  /// One sentence.
  public var summary: String {
    "mixes in the weights of a clean model, which it needs, before it fine-tunes"
  }
  /// The clean model too.
  public var sees: [Knowledge] { [.cleanTexts, .cleanModel] }
  /// The share of the suspect's weights that is kept, in 0 ... 1.
  public var keptShare = 0.5
  /// Directory of the clean model; nil for the one that the suspect was made of, where that is
  /// known.
  public var cleanModel: String?

  /// The mixing.
  public var works: [any StageWork.Type] { [MixingStage.self] }

  /// Half of the suspect, unless told otherwise.
  public init() {}

  /// Both.
  public var declarations: [Setting<FineMixing>] {
    [
      .number(
        "keptShare", \.keptShare, in: 0...1,
        "Share of the suspect's weights that is kept; the others are the clean model's."),
      .model(
        "cleanModel", \.cleanModel,
        "Model that is known to be clean, of the suspect's shape; in a plan the attacked one."
      ),
    ]
  }

  /// Mixes and fine-tunes.
  public func stages(
    from suspect: Stage.Input, with material: DefenseMaterial, in graph: inout StageGraph
  ) throws(InputError) -> DefenseStages {
    guard let clean = cleanModel ?? material.cleanModel else {
      throw InputError(
        .usage, problem: "\(name) needs a model that is known to be clean",
        remedy: "name one with --clean-model, or take a defence that needs none")
    }
    let cleanInput = try graph.model(clean, as: "cleanModel")
    guard cleanModel == nil || cleanInput.source != suspect.source else {
      throw InputError(
        .usage, file: clean, problem: "is the suspect itself",
        remedy: "name another model, which is known to be clean")
    }
    let mixture = graph.add(
      MixingStage(keptShare: keptShare, seed: material.training.seed), suspect.named("model"),
      cleanInput)
    return DefenseStages(
      classifier: graph.add(
        FineTuningStage(material.training), mixture.output(as: "model"), material.train,
        material.validation))
  }
}

/// Mixes two encoders of one shape, weight by weight: `model` and `cleanModel` in; the directory of
/// an encoder out.
public struct MixingStage: DeclaredWork {
  /// `mix`.
  public static let kind = "mix"

  /// A few words.
  public var title: String { "mix with a clean model" }
  private var keptShare = 0.5
  private var seed = 11

  /// Halves.
  public init() {}

  /// - Parameter keptShare: of the first model, in 0 ... 1.
  public init(keptShare: Double, seed: UInt64) {
    self.keptShare = keptShare
    self.seed = Int(seed)
  }

  /// Both.
  public var declarations: [Setting<MixingStage>] {
    [
      .number("keptShare", \.keptShare, in: 0...1, "Share of the first model's weights."),
      .integer("seed", \.seed, in: 0...Int.max, "Chooses them."),
    ]
  }

  /// Leaves the mixture, with the suspect's configuration and tokenizer.
  public func perform(_ request: StageRequest, on backend: any Backend) throws -> StageOutcome {
    let (suspect, clean) = (try request.model("model"), try request.model("cleanModel"))
    try suspect.requireVocabulary(of: clean)
    try mixed(suspect.checkpoint.encoder, with: clean.checkpoint.encoder).write(
      to: request.modelOutput, provenance: JSONObject([("mixed", parameters)]),
      card: ModelCard(summary: "An encoder mixed of two by Pure"))
    return StageOutcome()
  }

  /// Tensors are taken in the order of their names, so that the choice is a function of the seed.
  func mixed(
    _ suspect: ModelCheckpoint, with clean: ModelCheckpoint
  ) throws(InputError) -> ModelCheckpoint {
    var stream = Philox(seed: UInt64(seed), stream: Self.stream)
    var mixture = suspect
    for name in Set(suspect.parameters.keys).union(clean.parameters.keys).sorted() {
      guard let own = suspect.parameters[name], let other = clean.parameters[name],
        own.shape == other.shape
      else {
        throw InputError(
          file: clean.sourceDirectory, place: .tensor(name),
          problem: "is not in both models, or not of one shape",
          remedy: "name a clean model of the suspect's kind and size")
      }
      var generator = SeededGenerator(seed: stream.next())
      var values = own.values
      for index in values.indices where generator.uniform() >= keptShare {
        values[index] = other.values[index]
      }
      mixture.parameters[name] = HostTensor(shape: own.shape, values: values)
    }
    return mixture
  }

  private static let stream: UInt64 = 0x6D69_78
}

extension SeededGenerator {
  /// A number in 0 ..< 1 with 53 random bits.
  fileprivate mutating func uniform() -> Double { Double(next() >> 11) * 0x1p-53 }
}
