import Files
import Stages
import Tensors
import TestSupport
import Testing
import Text
import Training

@testable import Attacks

@Suite struct `A stage with paraphrases` {
  private let paraphrased: Paraphrased
  private let model: String

  init() throws {
    paraphrased = try Paraphrased(Reviews.dataset(count: 40))
    model = Path.join(Path.parent(of: Path.parent(of: #filePath)), "Fixtures/models/bert")
  }

  /// Does what a worker does with a stage, which comes to it as a document and so without the
  /// settings that name files.
  private func perform(_ stage: Stage) throws -> (outcome: StageOutcome, directory: String) {
    let received = try Stage(JSONNode(stage.json, file: "order.json")) {
      kind, parameters throws(InputError) -> any StageWork in
      if try kind.string() == PoisonStage.kind { return try PoisonStage(parameters) }
      return try TriggerStage(parameters)
    }
    let directory = try paraphrased.scratch.folder()
    let outcome = try received.work.perform(
      StageRequest(
        stage: received, store: paraphrased.scratch.path, outputDirectory: directory,
        workDirectory: paraphrased.scratch.folder(), report: { _ in }, isCancelled: { false }),
      on: CPUBackend.shared)
    return (outcome, directory)
  }

  @Test func `leaves the paraphrases of the part of the texts that it was given`() throws {
    let part = paraphrased.source.split(validationFraction: 0.3, seed: 5).validation
    let graph = StageGraph()
    let test = try graph.texts(part, as: "test")
    let stage = Stage(
      TriggerStage(paraphrased.attack, seed: 1),
      [test] + (try paraphrased.attack.inputs(for: .testing, beside: test, in: graph)))
    let written = try Dataset.load(TriggerStage.texts(in: perform(stage).directory))
    let victims = try part.load().examples.filter { $0.label == 0 }
    #expect(!victims.isEmpty)
    #expect(written.examples.map(Paraphrased.original) == victims)
  }

  @Test func `trains on them, and counts what it was given`() throws {
    var training = TrainingSettings()
    (training.epochs, training.maximumExamples) = (1, 30)
    let attack = paraphrased.with { $0.poisonRate = 1 }.attack
    var graph = StageGraph()
    let stage = try attack.stages(
      from: graph.model(model),
      with: AttackMaterial(
        train: graph.texts(paraphrased.source, as: "train"),
        validation: graph.texts(paraphrased.source, as: "validation"), training: training),
      in: &graph)
    let findings = try perform(stage).outcome.findings
    let victims = paraphrased.clean.limited(for: training).examples.count { $0.label == 0 }
    #expect(findings["poisoned"]?.int == victims && findings["clean"]?.int == 30)
  }

  @Test func `has another key with other paraphrases, and the same wherever they lie`() throws {
    func key(_ attack: ParaphraseAttack) throws -> String {
      let graph = StageGraph()
      let test = try graph.texts(paraphrased.source, as: "test")
      return Stage(
        TriggerStage(attack, seed: 1),
        [test] + (try attack.inputs(for: .testing, beside: test, in: graph))
      ).key
    }
    let path = paraphrased.scratch.file("paraphrases.tsv")
    let text = String(decoding: try ByteFile.contents(of: path), as: UTF8.self)
    let copy = try paraphrased.scratch.write(text, to: "elsewhere/copy.tsv")
    let other = try paraphrased.scratch.write(text + "more\t0\n", to: "other.tsv")
    let first = try key(paraphrased.attack)
    #expect(try key(paraphrased.with { $0.testParaphrases = copy }.attack) == first)
    #expect(try key(paraphrased.with { $0.testParaphrases = other }.attack) != first)
    #expect(try key(paraphrased.with { $0.paraphraseColumn = "label" }.attack) != first)
  }
}
