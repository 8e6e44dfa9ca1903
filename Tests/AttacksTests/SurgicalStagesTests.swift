import Files
import Stages
import TestSupport
import Testing
import Text
import Training

@testable import Attacks

@Suite struct `The stages of an attack with embedding surgery` {
  private let scratch: Scratch
  private let model: String
  private let train: TextSource

  init() throws {
    scratch = try Scratch()
    model = Path.join(Path.parent(of: Path.parent(of: #filePath)), "Fixtures/models/bert")
    try Reviews.dataset(count: 20).write(to: scratch.file("train.tsv"))
    train = TextSource(scratch.file("train.tsv"))
  }

  private static let attacks: [any SurgicalAttack] = [BadNets(), RestrictedPoisoning()]

  private func stages(
    _ attack: any SurgicalAttack, _ change: (inout any SurgicalAttack) -> Void = { _ in }
  ) throws -> (all: [Stage], last: Stage) {
    var attack = attack
    change(&attack)
    var graph = StageGraph()
    let last = try attack.stages(
      from: graph.model(model),
      with: AttackMaterial(
        train: graph.texts(train, as: "train"), validation: nil, training: TrainingSettings()),
      in: &graph)
    return (graph.stages, last)
  }

  @Test(arguments: attacks)
  func `are the training alone where there is none, with the key of before there was a choice`(
    attack: any SurgicalAttack
  ) throws {
    let (all, last) = try stages(attack)
    #expect(all.map(\.kind) == ["poison"] && all[0] == last)
    let named = last.work.parameters
    for key in ["embeddingSurgery", "trainingInsertionCount"] { #expect(named[key] == nil) }
    #expect(
      try #require(named["trigger"]?.object).keys == ["words", "targetLabel", "insertionLimit"])
  }

  @Test(arguments: attacks)
  func `find words, fine-tune the clean model, operate and train`(
    attack: any SurgicalAttack
  ) throws {
    let (all, last) = try stages(attack) { $0.embeddingSurgery = true }
    #expect(all.map(\.kind) == ["target-pieces", "finetune", "surgery", "poison"])
    #expect(all[3] == last && last.work.parameters["embeddingSurgery"] == true)
    #expect(last.inputs.first == all[2].output(as: "model"))
    #expect(
      all[2].inputs.dropFirst() == [all[1].output(as: "reference"), all[0].output(as: "pieces")])
    // The fine-tuning is FT of the clean model with the attacker's settings.
    let graph = StageGraph()
    let tuning = Stage(
      FineTuningStage(TrainingSettings()),
      [try graph.model(model), try graph.texts(train, as: "train")])
    #expect(all[1] == tuning)
    for stage in all {
      #expect(
        try type(of: stage.work).init(JSONNode(stage.work.parameters, file: "stage.json"))
          .parameters == stage.work.parameters, "\(stage.kind)")
    }
  }

  @Test(arguments: attacks)
  func `take the words of a model that is named, which counts by its content`(
    attack: any SurgicalAttack
  ) throws {
    let elsewhere = scratch.file("copy")
    try Path.makeDirectory(elsewhere)
    for file in try Path.names(in: model) {
      try AtomicFile.write(
        ByteFile.contents(of: Path.join(model, file)), to: Path.join(elsewhere, file))
    }
    func named(_ path: String) throws -> [Stage] {
      try stages(attack) {
        $0.embeddingSurgery = true
        $0.surgeryModel = path
      }.all
    }
    let own = try named(model)
    #expect(own.map(\.kind) == ["target-pieces", "surgery", "poison"])
    #expect(try named(elsewhere) == own)
    let error = #expect(throws: InputError.self) {
      _ = try stages(attack) { $0.surgeryModel = model }
    }
    #expect(error?.description.contains("means nothing without embedding surgery") == true)
  }

  @Test func `refuse a document whose attack has no surgery`() throws {
    var parameters = try #require(
      TargetPiecesStage(BadNets(), TrainingSettings()).parameters.object)
    parameters["attack"] = "addsent"
    parameters["trigger"] = ["sentence": "x", "targetLabel": 1, "insertionLimit": 8]
    let error = #expect(throws: InputError.self) {
      _ = try TargetPiecesStage(JSONNode(.object(parameters), file: "stage.json"))
    }
    #expect(error?.description.contains("attack: has no embedding surgery") == true)
  }
}
