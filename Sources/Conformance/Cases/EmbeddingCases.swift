public import Tensors

/// Sum of word, position and type embeddings, and the scatter of its gradient.
public struct EmbeddingOperation: Operation {
  /// `embedding`.
  public static let name = "embedding"
  let lengths: [Int]
  let columns: Int
  let vocabulary: Int
  var positionOffset = 0
  var hasTokenType = true
  /// Rows behind the last token's.
  var inert = 0

  private var tokens: Int { lengths.reduce(0, +) }
  private var rowCount: Int { tokens + inert }
  private var positionCount: Int { (lengths.max() ?? 0) + positionOffset + 1 }

  /// Extents and options.
  public var size: String {
    "\(lengths.count) texts, \(tokens) tokens×\(columns) of \(vocabulary) words"
      + (positionOffset == 0 ? "" : ", positions from \(positionOffset)")
      + (hasTokenType ? "" : ", no type") + (inert == 0 ? "" : ", \(inert) inert rows")
  }

  /// Both.
  public var passes: [Pass] { [.forward, .backward] }

  /// The rows, and the three gradients, which are added to.
  public var outputs: [Output] {
    // A row's gradient sums at most all tokens, and what was there.
    let sums = Tolerance.rounding(terms: tokens + 1)
    var list = [
      Output("output", [rowCount, columns], .rounding(terms: 2)),
      Output("dWord", [vocabulary, columns], after: .backward, sums, .startingAs("dWordBefore")),
      Output(
        "dPosition", [positionCount, columns], after: .backward, sums,
        .startingAs("dPositionBefore")),
    ]
    if hasTokenType {
      list.append(
        Output("dType", [2, columns], after: .backward, sums, .startingAs("dTypeBefore")))
    }
    return list
  }

  /// The three tables. What their gradients hold before counts as the objective's derivative by a term of its own.
  public var gradients: [GradientPair] {
    [GradientPair("word", "dWord"), GradientPair("position", "dPosition")]
      + (hasTokenType ? [GradientPair("type", "dType")] : [])
  }

  /// Ids with repetitions, and the groups that a batch brings along.
  public func inputs(from generator: inout Generator) -> Inputs {
    var inputs = Inputs()
    let ids = (0..<tokens).map { _ in Int32(generator.integer(below: vocabulary)) }
    let groups = Dictionary(grouping: ids.indices, by: { ids[$0] }).sorted { $0.key < $1.key }
    inputs.add("ids", [tokens], ids)
    inputs.add("positions", [tokens], lengths.flatMap { (0..<$0).map { Int32($0) } })
    inputs.add("offsets", [lengths.count + 1], Self.offsets(of: lengths))
    inputs.add("uniqueIDs", [groups.count], groups.map(\.key))
    inputs.add("groupOffsets", [groups.count + 1], Self.offsets(of: groups.map(\.value.count)))
    inputs.add("groupedTokens", [tokens], groups.flatMap { $0.value.map { Int32($0) } })
    for (name, rows) in [("word", vocabulary), ("position", positionCount), ("type", 2)] {
      inputs.add(name, [rows, columns], generator.normal(rows * columns))
    }
    for (name, rows) in [("dWord", vocabulary), ("dPosition", positionCount), ("dType", 2)] {
      inputs.add(name + "Before", [rows, columns], generator.normal(rows * columns))
    }
    inputs.add("dOutput", [rowCount, columns], generator.normal(rowCount * columns))
    return inputs
  }

  private static func offsets(of counts: [Int]) -> [Int32] {
    counts.reduce(into: [0]) { $0.append(($0.last ?? 0) + Int32($1)) }
  }

  /// Gather; scatter.
  public func run(
    _ pass: Pass, on backend: any Backend, in workspace: Workspace
  ) throws(DeviceError) {
    switch pass {
    case .forward:
      try backend.embedding(
        tokenIDs: workspace["ids"], positions: workspace["positions"],
        positionOffset: positionOffset, word: workspace["word"], position: workspace["position"],
        tokenType: hasTokenType ? workspace["type"] : nil, into: workspace["output"])
    case .backward:
      try backend.embeddingGradient(
        workspace["dOutput"],
        sequences: PackedSequences(
          offsets: workspace["offsets"], tokenCount: tokens, rowCount: rowCount,
          longestSequence: lengths.max() ?? 0),
        groups: TokenGroups(
          uniqueTokenIDs: workspace["uniqueIDs"], groupOffsets: workspace["groupOffsets"],
          groupedTokens: workspace["groupedTokens"]),
        positionOffset: positionOffset, dWord: workspace["dWord"],
        dPosition: workspace["dPosition"], dTokenType: workspace.optional("dType"))
    }
  }

  /// Token by token.
  public func reference(_ inputs: Values<Double>) -> Outcome<Double> { evaluate(inputs) }
  /// The same in fp32.
  public func naive(_ inputs: Values<Float>) -> Outcome<Float> { evaluate(inputs) }

  /// Σ dOutput · output + Σ before · table: linear, with what the gradients held before as its constant part.
  public func objective(_ inputs: Values<Double>) -> Double {
    guard let output = evaluate(inputs).values["output"] else { return .nan }
    let tables = [("word", "dWord"), ("position", "dPosition"), ("type", "dType")]
    return tables.reduce(dot(output, inputs["dOutput"])) {
      $0 + dot(inputs[$1.0], inputs[$1.1 + "Before"])
    }
  }

  @specialized(where Scalar == Double)
  @specialized(where Scalar == Float)
  private func evaluate<Scalar: ReferenceScalar>(_ inputs: Values<Scalar>) -> Outcome<Scalar> {
    let ids = inputs.integers("ids")
    let positions = inputs.integers("positions").map { $0 + positionOffset }
    let (word, position, type) = (inputs["word"], inputs["position"], inputs["type"])
    let dOutput = inputs["dOutput"]
    var output = [Scalar](repeating: 0, count: rowCount * columns)
    var magnitudes = output
    var (dWord, dPosition) = (inputs["dWordBefore"], inputs["dPositionBefore"])
    var dType = inputs["dTypeBefore"]
    var sizes = [dWord, dPosition, dType].map { $0.map { abs($0) } }
    for token in 0..<tokens {
      for column in 0..<columns {
        let (w, p) = (ids[token] * columns + column, positions[token] * columns + column)
        let index = token * columns + column
        output[index] = word[w] + position[p] + (hasTokenType ? type[column] : 0)
        magnitudes[index] = abs(word[w]) + abs(position[p]) + (hasTokenType ? abs(type[column]) : 0)
        dWord[w] += dOutput[index]
        dPosition[p] += dOutput[index]
        dType[column] += dOutput[index]
        sizes[0][w] += abs(dOutput[index])
        sizes[1][p] += abs(dOutput[index])
        sizes[2][column] += abs(dOutput[index])
      }
    }
    var outcome = Outcome<Scalar>()
    outcome.set("output", output, magnitudes: magnitudes)
    outcome.set("dWord", dWord, magnitudes: sizes[0])
    outcome.set("dPosition", dPosition, magnitudes: sizes[1])
    if hasTokenType { outcome.set("dType", dType, magnitudes: sizes[2]) }
    return outcome
  }

  /// Two additions an element forward, three backward.
  public func cost(of pass: Pass) -> Cost {
    let count = tokens * columns
    return switch pass {
    case .forward: Cost(FLOPs(2 * count), Bytes(elements: 3 * count))
    case .backward: Cost(FLOPs(3 * count), Bytes(elements: 3 * count))
    }
  }

  static let cases: [Case] = {
    typealias E = EmbeddingOperation
    let small = [
      E(lengths: [1], columns: 1, vocabulary: 1),
      E(lengths: [1, 7, 2, 17], columns: 21, vocabulary: 11),
      E(lengths: [5, 3, 33], columns: 17, vocabulary: 101, positionOffset: 2),
      E(lengths: [31, 16], columns: 33, vocabulary: 5, positionOffset: 2, hasTokenType: false),
      E(lengths: [64, 65, 1], columns: 15, vocabulary: 3),
      E(lengths: [3, 9], columns: 33, vocabulary: 7, inert: 5),
    ]
    let sentences = (0..<32).map { 13 + ($0 * 7) % 27 }
    let realistic = [E(lengths: sentences, columns: 384, vocabulary: 10_000)]
    return Case.list(small) + Case.list(realistic, realistic: true)
  }()
}
