import Files
import Settings
import Stages
import TestSupport
import Testing
import Text
import Training

@testable import Defenses

@Suite struct `The known defences` {
  @Test func `are told apart by name, and say what they do`() {
    let all = KnownDefenses.all
    #expect(Set(all.map(\.name)).count == all.count && Set(all.map(\.title)).count == all.count)
    #expect(all.allSatisfy { !$0.summary.isEmpty && !$0.summary.hasSuffix(".") })
  }

  @Test func `declare their settings soundly, apart from those of training`() throws {
    let training = Set(TrainingSettings().declarations.map(\.name))
    for defense in KnownDefenses.all {
      #expect(try settingFlaws(of: defense) == [], "\(defense.name)")
      #expect(training.isDisjoint(with: defense.descriptions.map(\.name)), "\(defense.name)")
    }
  }

  @Test func `have the settings of the halves that they use`() {
    let names = Dictionary(
      uniqueKeysWithValues: KnownDefenses.all.map { ($0.name, $0.descriptions.map(\.name)) })
    #expect(
      names == [
        "ft": [], "fth": [], "prune-only": ["accuracyFloor", "pruningStep"],
        "norm-only": ["normWeight", "layerWeights"],
        "pure": ["accuracyFloor", "pruningStep", "normWeight", "layerWeights"],
        "meft": ["stopDistance", "stepLimit", "measurementInterval"],
        "fine-mixing": ["keptShare", "cleanModel"],
      ])
  }

  /// The paper's defences have clean texts and no more; the weights of fine-mixing come from a model
  /// that nobody has poisoned.
  @Test func `say what they may see`() {
    for defense in KnownDefenses.all {
      let mixes = defense.name == "fine-mixing"
      #expect(defense.sees == [.cleanTexts] + (mixes ? [.cleanModel] : []), "\(defense.name)")
    }
  }

  /// Section 6.2 of the paper, and what its code does otherwise.
  @Test func `train as the paper or its code has it`() {
    for defense in KnownDefenses.all {
      let (paper, reference) = (defense.training(.paper), defense.training(.reference))
      let rate = defense.name == "fth" ? 5e-5 : 2e-5
      #expect(paper.learningRate == rate && reference.learningRate == rate)
      #expect(paper.epochs == 3 && reference.epochs == 3)
      #expect(paper.order == .training && reference.order == .asGiven)
    }
  }

  @Test(arguments: Recipe.allCases)
  func `have stages that come back with every parameter`(recipe: Recipe) throws {
    let clean = try Scratch()
    try clean.write("{}", to: "config.json")
    var graph = StageGraph()
    for var defense in KnownDefenses.all {
      defense.follow(recipe)
      let inputs = Stage(FineTuningStage(TrainingSettings()), [])
      let material = DefenseMaterial(
        train: inputs.output(as: "train"), validation: inputs.output(as: "validation"),
        training: defense.training(recipe), cleanModel: clean.path)
      _ = try defense.stages(from: inputs.output(as: "model"), with: material, in: &graph)
    }
    #expect(Set(graph.stages.map(\.kind)) == ["finetune", "scores", "pruning", "entropy", "mix"])
    for stage in graph.stages {
      let work = type(of: stage.work)
      let node = JSONNode(stage.work.parameters, file: "stage.json")
      #expect(try work.init(node).parameters == stage.work.parameters)
    }
  }
}
