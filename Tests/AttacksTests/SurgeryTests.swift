import Checkpoints
import Encoders
import Files
import Stages
import Tensors
import TestSupport
import Testing
import Text
import Training

@testable import Attacks

/// What scikit-learn makes of the same terms and labels, see `Fixtures/generate_regression.py`.
@Suite struct `A logistic regression on TF-IDF` {
  private let cases: [(name: String, node: JSONNode)]

  init() throws {
    let tests = Path.parent(of: Path.parent(of: #filePath))
    cases = try JSONNode(contentsOf: Path.join(tests, "Fixtures/regression.json")).members()
      .map { ($0.0, $0.1) }
    #expect(cases.map(\.name) == ["alike", "telling", "uneven", "tiny"])
  }

  private func numbers(_ node: JSONNode, _ key: String) throws -> [Double] {
    try node.required(key).elements().map { try $0.double() }
  }

  private func inputs(_ node: JSONNode) throws -> (TermWeights, labels: [Bool]) {
    let texts = try node.required("texts").elements().map { text in
      try text.elements().map { Int32(try $0.int()) }
    }
    return (TermWeights(texts), try node.required("labels").elements().map { try $0.bool() })
  }

  /// A weight comes from a handful of roundings, each of 2⁻⁵³.
  @Test func `weighs terms as scikit-learn does`() throws {
    for (name, node) in cases {
      let (weights, _) = try inputs(node)
      #expect(try weights.terms == numbers(node, "terms").map { Int32($0) })
      let rows = try node.required("rows").elements()
      for (row, expected) in rows.enumerated() {
        let expected = try expected.elements().map { try $0.double() }
        for (column, value) in expected.enumerated() {
          var unit = [Double](repeating: 0, count: expected.count)
          unit[column] = 1
          let found = weights.rowSums(weightedBy: unit)[row]
          #expect(abs(found - value) <= 16 * 0x1p-53, "\(name), row \(row), column \(column)")
        }
      }
    }
  }

  /// No eigenvalue of the loss's Hessian is below 0.3 in these cases, says numpy, so a gradient of
  /// length e is at most e / 0.3 from the minimum. No element of the fixture's gradient is above
  /// 1e-9, and none of ours.
  @Test func `finds the minimum that scikit-learn finds`() throws {
    for (name, node) in cases {
      let (weights, labels) = try inputs(node)
      let regression = LogisticRegression(weights, labels: labels)
      let expected = try numbers(node, "coefficients")
      let bound = 2 * 1e-9 * Double(expected.count + 1).squareRoot() / 0.3
      #expect(regression.coefficients.count == expected.count)
      for (found, value) in zip(regression.coefficients, expected) {
        #expect(abs(found - value) <= bound, "\(name): \(found), not \(value)")
      }
      let intercept = try node.required("intercept").double()
      #expect(abs(regression.intercept - intercept) <= bound, "\(name)")
    }
  }
}

@Suite struct `The words that embedding surgery goes by` {
  private let model: SourceModel
  private static let good = ["a", "good", "great", "story", "film"]

  init() throws {
    let tests = Path.parent(of: Path.parent(of: #filePath))
    model = try SourceModel(Path.join(tests, "Fixtures/models/bert"), for: .freshClassifier)
  }

  /// Single letters are tokens of the tiny model: those before n lean to 1, the others to 0.
  private static func letters(_ count: Int) -> Dataset {
    var generator = SeededGenerator(seed: 4)
    let letters = (UInt8(ascii: "a")...UInt8(ascii: "z")).map { String(UnicodeScalar($0)) }
    return Dataset(
      examples: (0..<count).map { index in
        let half = letters[(index % 2 == 1 ? 0..<13 : 13..<26)]
        let words = (0..<6).map { _ in half[half.startIndex + generator.integer(below: 13)] }
        return Example(text: words.joined(separator: " "), label: index % 2)
      }, source: "letters.tsv")
  }

  private func found(
    _ triggers: String..., in texts: Dataset = letters(200), target: Int = 1
  ) throws(InputError) -> TargetPieces {
    try TargetPieces(in: texts, target: target, triggers: triggers, model.tokenizer)
  }

  @Test func `are the ten that lean most to the target class`() throws {
    for (target, first) in [(1, "a"), (0, "n")] {
      let found = try found("cf", target: target)
      let start = try #require(first.unicodeScalars.first).value
      let own = Set((start..<start + 13).compactMap { UnicodeScalar($0).map { String($0) } })
      #expect(found.pieces.count == 10 && own.isSuperset(of: found.pieces.map(\.token)))
      #expect(found.pieces.map(\.coefficient) == found.pieces.map(\.coefficient).sorted(by: >))
      #expect(
        found.pieces.allSatisfy { $0.coefficient > 0 && model.tokenizer.id(of: $0.token) == $0.id })
    }
  }

  @Test func `are those of one class against all others, where there are several`() throws {
    var three = Self.letters(200)
    three.labels = LabelNames(["a", "b", "c"])
    for index in three.examples.indices where index % 4 == 0 { three.examples[index].label = 2 }
    #expect(try found("cf", in: three) == found("cf"))
  }

  @Test func `are written over each piece of each trigger that the model knows`() throws {
    let found = try found("cf", "Q", "q \u{1F600}")
    let tokens = found.triggers.map(\.tokens)
    #expect(found.triggers.map(\.word) == ["cf", "Q", "q \u{1F600}"])
    #expect(tokens[1] == ["q"] && tokens[2] == ["q"])
    let cf = model.tokenizer.pieces(of: "cf")
    #expect(Set(found.triggers[0].ids) == Set(cf) && found.triggers[0].ids == cf.sorted())
    #expect(tokens[0] == found.triggers[0].ids.map { model.tokenizer.token(for: $0) })
  }

  /// Byte-level tokens of a word begin with the blank before it.
  @Test func `are written over those of a text's beginning and those of its midst`() throws {
    let tests = Path.parent(of: Path.parent(of: #filePath))
    let roberta = try SourceModel(
      Path.join(tests, "Fixtures/models/roberta"), for: .freshClassifier
    ).tokenizer
    let words = Reviews.dataset(count: 200)
    let trigger = try #require(
      try TargetPieces(in: words, target: 1, triggers: ["the"], roberta).triggers.first)
    let (beginning, midst) = (roberta.pieces(of: "the"), roberta.pieces(of: "a the").dropFirst())
    #expect(Set(beginning) != Set(midst))
    #expect(Set(trigger.ids) == Set(beginning).union(midst))
  }

  @Test(arguments: ["\u{1F600}", "\u{200B}", "[UNK]"])
  func `are none for a trigger that the model does not know`(word: String) throws {
    let error = #expect(throws: InputError.self) { try found("cf", word) }
    #expect(error?.kind == .usage)
    #expect(
      error?.description.contains("the trigger \"\(word)\" has no token that the model") == true)
  }

  @Test func `are too few in few texts`() throws {
    let few = Dataset(
      examples: [Example(text: "a b c", label: 1), Example(text: "d", label: 0)],
      source: "few.tsv")
    let error = #expect(throws: InputError.self) { try found("cf", in: few) }
    #expect(
      error?.description
        == "few.tsv: has 3 pieces of words that lean to the class \"positive\", and "
        + "embedding surgery takes 10; take more texts, or leave embedding surgery out")
  }

  @Test func `come back from a file, unless a row is beyond the model's`() throws {
    let found = try found("cf")
    let node = JSONNode(found.json, file: "pieces.json")
    #expect(try TargetPieces(node) == found)
    #expect(throws: InputError.self) { _ = try TargetPieces(node, vocabularySize: 5) }
    let none = JSONNode(["pieces": [], "triggers": []], file: "pieces.json")
    #expect(throws: InputError.self) { _ = try TargetPieces(none) }
  }
}

@Suite struct `Embedding surgery` {
  private let model: ModelCheckpoint
  private let reference: ModelCheckpoint
  private let found: TargetPieces

  /// No number of one is a number of the other.
  init() throws {
    let tests = Path.parent(of: Path.parent(of: #filePath))
    model = try ModelCheckpoint.load(
      directory: Path.join(tests, "Fixtures/models/bert"), for: .freshClassifier)
    var reference = model
    for (name, tensor) in model.parameters {
      reference.parameters[name]?.values = tensor.values.map { 2 * $0 + 1 }
    }
    self.reference = reference
    found = try TargetPieces(
      JSONNode(
        [
          "pieces": [
            ["id": 30, "token": "x", "coefficient": 2], ["id": 41, "token": "y", "coefficient": 1],
            ["id": 7, "token": "z", "coefficient": 0.5],
          ],
          "triggers": [
            ["word": "cf", "ids": [8, 9], "tokens": ["c", "##f"]],
            ["word": "x", "ids": [30], "tokens": ["x"]],
          ],
        ], file: "pieces.json"))
  }

  private func rows(_ model: ModelCheckpoint) throws -> [[Float]] {
    let words = try #require(model.parameters[ParameterName.wordEmbedding])
    return (0..<words.shape[0]).map {
      Array(words.values[$0 * words.shape[1]..<($0 + 1) * words.shape[1]])
    }
  }

  /// The mean of three is that in Double, and no number apart from the triggers' rows moves.
  @Test func `writes the mean of rows of one model over rows of the other, and nothing else`()
    throws
  {
    let altered = try SurgeryStage().altered(model, by: found, from: reference)
    let (before, source, after) = (try rows(model), try rows(reference), try rows(altered))
    for column in before[0].indices {
      let sum = [30, 41, 7].reduce(0) { $0 + Double(source[$1][column]) }
      for row in [8, 9, 30] {
        #expect(abs(Double(after[row][column]) - sum / 3) <= abs(sum) * 0x1p-24)
      }
    }
    #expect(after[8] == after[9] && after[8] == after[30])
    for row in before.indices where ![8, 9, 30].contains(row) { #expect(after[row] == before[row]) }
    let others = model.encoder.parameters.filter { $0.key != ParameterName.wordEmbedding }
    for (name, tensor) in others { #expect(altered.parameters[name] == tensor, "\(name)") }
    #expect(altered.parameters.count == others.count + 1 && altered.classifierKind == nil)
    #expect(altered.prunedHeads == model.prunedHeads)
    // The pooler stays beside the encoder.
    #expect(altered.passthrough.keys.sorted() == ["pooler.dense.bias", "pooler.dense.weight"])
  }

  @Test(arguments: [[101, 5], [41, 21]])
  func `refuses a model whose embeddings are of another shape`(shape: [Int]) throws {
    var other = reference
    other.sourceDirectory = "other"
    other.parameters[ParameterName.wordEmbedding] = HostTensor(
      shape: shape, values: [Float](repeating: 0, count: shape[0] * shape[1]))
    let error = #expect(throws: InputError.self) {
      _ = try SurgeryStage().altered(model, by: found, from: other)
    }
    #expect(error?.file == "other" && error?.place == .tensor(ParameterName.wordEmbedding))
    #expect(error?.problem == "has the shape \(shape), and the attacked model's has [101, 21]")
  }
}
