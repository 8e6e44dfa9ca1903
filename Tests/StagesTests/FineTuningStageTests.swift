import Checkpoints
import Files
import Settings
import Stages
import Testing
import Text
import Training

@Suite struct `The work of fine-tuning` {
  private static let norms: [AttentionNormalization?] = [
    nil, AttentionNormalization(weight: 0.15, recipe: .reference),
    AttentionNormalization(weight: 0.15, recipe: .paper, weighting: .uniform),
  ]

  @Test(arguments: Recipe.allCases, norms)
  func `comes back with every setting, the seed and the norm term`(
    recipe: Recipe, norm: AttentionNormalization?
  ) throws {
    var training = TrainingSettings(recipe)
    (training.seed, training.order, training.epochs) = (7, .asGiven, 9)
    (training.maximumExamples, training.classifier, training.learningRate) = (50, .native, 1e-4)
    let work = FineTuningStage(training, norm: norm)
    let again = try FineTuningStage(JSONNode(work.parameters, file: "stage.json"))
    #expect(again.training == training && again.norm == norm)
    #expect(again.parameters == work.parameters && again.title == work.title)
  }

  /// Keys of before there was a choice stay what they were.
  @Test func `does not name how layers are weighed where the paper's way is taken`() {
    func norm(_ weighting: LayerWeighting) -> JSONValue? {
      FineTuningStage(
        TrainingSettings(),
        norm: AttentionNormalization(weight: 0.15, recipe: .paper, weighting: weighting)
      ).parameters["norm"]
    }
    #expect(norm(.variance) == ["weight": 0.15, "recipe": "paper"])
    #expect(norm(.uniform) == ["weight": 0.15, "recipe": "paper", "layerWeights": "uniform"])
  }

  @Test func `is refused where a setting is outside its range`() throws {
    var parameters = try #require(FineTuningStage(TrainingSettings()).parameters.object)
    parameters["training"] = ["epochs": 0]
    let error = #expect(throws: InputError.self) {
      _ = try FineTuningStage(JSONNode(.object(parameters), file: "stage.json"))
    }
    #expect(error?.place == .key("training.epochs"))
  }

  @Test func `takes as many texts as it may, drawn by the seed and in their order`() {
    let data = Dataset(examples: (0..<100).map { Example(text: "\($0)", label: $0 % 2) })
    func numbers(_ limit: Int?, seed: UInt64 = 1) -> [Int] {
      var training = TrainingSettings()
      (training.maximumExamples, training.seed) = (limit, seed)
      return data.limited(for: training).examples.compactMap { Int($0.text) }
    }
    let ten = numbers(10)
    #expect(ten.count == 10 && Set(ten).count == 10 && ten == ten.sorted())
    #expect(numbers(10) == ten && numbers(10, seed: 2) != ten)
    for limit in [nil, 100, 101] { #expect(numbers(limit) == Array(0..<100)) }
  }
}
