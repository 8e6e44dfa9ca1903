import Checkpoints
import Files
import Stages
import Testing

@testable import Defenses

@Suite struct `Fine-mixing` {
  private let toy: ToyResearch

  init() throws { toy = try ToyResearch() }

  private func mixing(_ keptShare: Double, _ clean: String? = nil) -> FineMixing {
    var defense = FineMixing()
    defense.keptShare = keptShare
    defense.cleanModel = clean ?? toy.pretrained
    return defense
  }

  @Test func `that keeps all of the suspect is fine-tuning it`() throws {
    #expect(
      try toy.defend(with: mixing(1)).bits == toy.defend(with: PURE.fineTuning).bits)
  }

  @Test func `that keeps none of the suspect is fine-tuning the clean model`() throws {
    #expect(
      try toy.defend(with: mixing(0)).bits
        == toy.defend(with: PURE.fineTuning, toy.pretrained).bits)
  }

  /// Fine-tuning alone leaves the flips above 0.8, see `Attack and defence`.
  @Test func `lowers the flips of a backdoor that fine-tuning leaves`() throws {
    let outcome = try toy.defend(with: mixing(0.2))
    let measured = try toy.measure(outcome.directory)
    #expect(measured.accuracy >= 0.95 && measured.flips <= 0.2)
    #expect(outcome.titles == ["mix with a clean model", "fine-tune"])
  }

  @Test func `is a function of the seed`() throws {
    let first = try toy.defend(with: mixing(0.5))
    #expect(try toy.defend(with: mixing(0.5)).bits == first.bits)
    #expect(try toy.defend(with: mixing(0.5), seed: 12).bits != first.bits)
  }

  @Test func `takes the clean model that the material names, unless told of another`() throws {
    var defense = mixing(0.5)
    let named = try stages(of: defense, cleanModel: "nowhere")
    defense.cleanModel = nil
    #expect(try stages(of: defense, cleanModel: toy.pretrained) == named)
    #expect(throws: InputError.self) { try stages(of: defense, cleanModel: "nowhere") }
  }

  @Test func `without a clean model says that it needs one`() throws {
    let error = #expect(throws: InputError.self) { try stages(of: FineMixing(), cleanModel: nil) }
    #expect(
      error?.description
        == "fine-mixing needs a model that is known to be clean; name one with --clean-model, or "
        + "take a defence that needs none")
  }

  @Test func `refuses a clean model of another shape, and names what differs`() throws {
    let smaller = try toy.write(ToyResearch.encoder(hiddenSize: 16), "smaller")
    let deeper = try toy.write(ToyResearch.encoder(layerCount: 2), "deeper")
    for (clean, tensor) in [
      (smaller, "embeddings.norm.bias"), (deeper, "layers.1.attention.key.bias"),
    ] {
      let error = #expect(throws: InputError.self) {
        _ = try toy.defend(with: mixing(0.5, clean))
      }
      #expect(error?.file == clean && error?.place == .tensor(tensor))
      #expect(error?.remedy == "name a clean model of the suspect's kind and size")
    }
  }

  @Test func `leaves pruned heads of the suspect pruned`() throws {
    let suspect = try toy.poisoned(without: [2, 5])
    let outcome = try toy.defend(with: mixing(0.5), suspect)
    #expect(outcome.classifier.prunedHeads == [[2, 5]])
    let size = outcome.classifier.configuration.headSize
    let bias = try #require(outcome.classifier.parameters["layers.0.attention.query.bias"]).values
    for head in 0..<8 {
      let isZero = bias[head * size..<(head + 1) * size].allSatisfy { $0 == 0 }
      #expect(isZero == [2, 5].contains(head))
    }
  }

  private func stages(of defense: FineMixing, cleanModel: String?) throws -> [Stage] {
    var graph = StageGraph()
    let inputs = Stage(FineTuningStage(ToyResearch.training), [])
    _ = try defense.stages(
      from: inputs.output(as: "model"),
      with: DefenseMaterial(
        train: inputs.output(as: "train"), validation: inputs.output(as: "validation"),
        training: ToyResearch.training, cleanModel: cleanModel), in: &graph)
    return graph.stages
  }
}

@Suite struct `A mixture of two encoders` {
  private let suspect: ModelCheckpoint
  private let clean: ModelCheckpoint

  /// No number of one is a number of the other.
  init() throws {
    suspect = try ToyResearch.encoder()
    var clean = suspect
    for (name, tensor) in clean.parameters {
      clean.parameters[name]?.values = tensor.values.map { $0 + 1 }
    }
    self.clean = clean
  }

  private func mixed(_ keptShare: Double, seed: UInt64 = 1) throws -> [String: HostTensor] {
    try MixingStage(keptShare: keptShare, seed: seed).mixed(suspect, with: clean).parameters
  }

  /// Which numbers of a tensor are the suspect's; nil where one is neither's.
  private func kept(_ mixture: [String: HostTensor], _ name: String) throws -> [Bool]? {
    let values = try #require(mixture[name]).values
    let own = try #require(suspect.parameters[name]).values
    let other = try #require(clean.parameters[name]).values
    let isOneOfTwo = values.indices.allSatisfy { values[$0] == own[$0] || values[$0] == other[$0] }
    return isOneOfTwo ? values.indices.map { values[$0] == own[$0] } : nil
  }

  /// The share of n coins differs from its mean by √(t / 2n) or more with a probability of at most
  /// 2 exp(−t) (Hoeffding 1963); t = 20 is four in a billion.
  @Test(arguments: [0, 0.1, 0.5, 0.9, 1])
  func `takes each number from one of the two, as many as it was told`(keptShare: Double) throws {
    let mixture = try mixed(keptShare)
    #expect(mixture.keys == suspect.parameters.keys)
    for name in suspect.parameters.keys {
      let kept = try #require(try kept(mixture, name))
      let (count, n) = (Double(kept.count { $0 }), Double(kept.count))
      if keptShare == 0 || keptShare == 1 {
        #expect(count == keptShare * n, "\(name)")
      } else {
        #expect(abs(count / n - keptShare) <= (20 / (2 * n)).squareRoot(), "\(name)")
      }
    }
  }

  @Test func `is drawn anew for every tensor and every seed`() throws {
    let first = try mixed(0.5)
    let again = try mixed(0.5)
    #expect(first == again)
    let query = try kept(first, "layers.0.attention.query.weight")
    #expect(try kept(first, "layers.0.attention.key.weight") != query)
    #expect(try kept(mixed(0.5, seed: 2), "layers.0.attention.query.weight") != query)
  }

  @Test func `keeps more of the suspect where the share is larger, and never less`() throws {
    let name = "layers.0.attention.query.weight"
    let some = try #require(try kept(mixed(0.3), name))
    let more = try #require(try kept(mixed(0.6), name))
    #expect(zip(some, more).allSatisfy { !$0 || $1 } && some != more)
  }
}
