public import Tensors

/// Dropout in place; its own backward pass.
public struct DropoutOperation: Operation {
  /// `dropout`.
  public static let name = "dropout"
  let rows: Int
  let columns: Int
  let dropout: Dropout

  /// Extents and options.
  public var size: String {
    "\(rows)×\(columns), \(dropout.probability) from row \(dropout.firstRow)"
  }

  /// One multiplication, correctly rounded, hence exact.
  public var outputs: [Output] {
    [Output("values", [rows, columns], .exact, .startingAs("valuesBefore"))]
  }

  /// Normal numbers.
  public func inputs(from generator: inout Generator) -> Inputs {
    var inputs = Inputs()
    inputs.add("valuesBefore", [rows, columns], generator.normal(rows * columns))
    return inputs
  }

  /// One call.
  public func run(
    _ pass: Pass, on backend: any Backend, in workspace: Workspace
  ) throws(DeviceError) {
    try backend.dropout(workspace["values"], dropout)
  }

  /// Philox from its paper; the product rounded to fp32.
  public func reference(_ inputs: Values<Double>) -> Outcome<Double> { evaluate(inputs) }
  /// The same in fp32.
  public func naive(_ inputs: Values<Float>) -> Outcome<Float> { evaluate(inputs) }

  private func evaluate<Scalar: ReferenceScalar>(_ inputs: Values<Scalar>) -> Outcome<Scalar> {
    let dropped = dropout.applied(to: Matrix(rows, columns, inputs["valuesBefore"]))
    var outcome = Outcome<Scalar>()
    outcome.set("values", dropped.elements.map { Scalar(Float($0)) })
    return outcome
  }

  /// A multiplication an element, and a block of Philox (about sixty operations on integers) for four.
  public func cost(of pass: Pass) -> Cost {
    Cost(FLOPs(rows * columns), Bytes(elements: 2 * rows * columns))
  }

  static let cases: [Case] = {
    func of(
      _ rows: Int, _ columns: Int, _ probability: Double, seed: UInt64 = 0xDEAD_BEEF_0123_4567,
      step: Int = 7, site: Int = 13, firstRow: Int = 0
    ) -> DropoutOperation {
      DropoutOperation(
        rows: rows, columns: columns,
        dropout: Dropout(
          probability: probability, seed: seed, step: step, site: site, firstRow: firstRow))
    }
    let small = [
      of(1, 1, 0.5), of(0, 4, 0.5), of(7, 21, 0.1), of(15, 16, 0.1), of(17, 15, 0.3),
      of(31, 33, 0.999), of(33, 65, 0.1, firstRow: 100_000), of(5, 63, 0), of(63, 64, 1e-9),
      of(3, 1000, 0.1, seed: .max, step: .max, site: .max, firstRow: Int(UInt32.max) - 1),
    ]
    return Case.list(small) + Case.list([of(832, 1536, 0.1)], realistic: true)
  }()
}

/// Fills, copies and additions.
public struct FillOperation: Operation {
  /// `fill`.
  public static let name = "fill"
  let count: Int

  /// Elements.
  public var size: String { "\(count)" }
  private let factor = -0.375
  /// One filled, one copied, one added to: a product and a sum, which a device may round once.
  public var outputs: [Output] {
    [
      Output("filled", [count], .exact), Output("copied", [count], .exact),
      Output("sum", [count], .rounding(terms: 2), .startingAs("sumBefore")),
    ]
  }

  init(count: Int) { self.count = count }

  /// What is copied and added, and what it is added to.
  public func inputs(from generator: inout Generator) -> Inputs {
    var inputs = Inputs()
    inputs.add("source", [count], generator.normal(count))
    inputs.add("sumBefore", [count], generator.normal(count))
    return inputs
  }

  /// All three calls.
  public func run(
    _ pass: Pass, on backend: any Backend, in workspace: Workspace
  ) throws(DeviceError) {
    try backend.fill(workspace["filled"], with: -0.75)
    try backend.copy(workspace["source"], into: workspace["copied"])
    try backend.add(workspace["source"], times: factor, to: workspace["sum"])
  }

  /// The value; the source; the sum.
  public func reference(_ inputs: Values<Double>) -> Outcome<Double> { evaluate(inputs) }
  /// The same in fp32.
  public func naive(_ inputs: Values<Float>) -> Outcome<Float> { evaluate(inputs) }

  private func evaluate<Scalar: ReferenceScalar>(_ inputs: Values<Scalar>) -> Outcome<Scalar> {
    var outcome = Outcome<Scalar>()
    outcome.set("filled", [Scalar](repeating: -0.75, count: count))
    outcome.set("copied", inputs["source"])
    let terms = zip(inputs["sumBefore"], inputs["source"].map { Scalar(factor) * $0 })
    outcome.set("sum", terms.map { $0 + $1 }, magnitudes: terms.map { abs($0) + abs($1) })
    return outcome
  }

  /// A multiplication and an addition an element.
  public func cost(of pass: Pass) -> Cost { Cost(FLOPs(2 * count), Bytes(elements: 6 * count)) }

  static let cases: [Case] =
    Case.list([0, 1, 15, 17, 31, 33, 63, 65, 100_003].map { FillOperation(count: $0) })
    + Case.list([FillOperation(count: 3_000_000)], realistic: true)
}

/// The [CLS] rows of a packed batch, and their gradient.
public struct FirstRowsOperation: Operation {
  /// `first-rows`.
  public static let name = "first-rows"
  let lengths: [Int]
  let columns: Int
  private var tokens: Int { lengths.reduce(0, +) }
  private var offsets: [Int] { lengths.reduce(into: [0]) { $0.append(($0.last ?? 0) + $1) } }

  /// Extents.
  public var size: String { "\(lengths.count) texts, \(tokens) tokens, \(columns) columns" }
  /// Both.
  public var passes: [Pass] { [.forward, .backward] }
  /// The rows as they are; their gradient after one addition, correctly rounded.
  public var outputs: [Output] {
    [
      Output("firstRows", [lengths.count, columns], .exact),
      Output(
        "dPacked", [tokens, columns], after: .backward, .rounding(terms: 1),
        .startingAs("dPackedBefore")),
    ]
  }

  /// The packed rows.
  public var gradients: [GradientPair] { [GradientPair("packed", "dPacked")] }

  /// Normal numbers.
  public func inputs(from generator: inout Generator) -> Inputs {
    var inputs = Inputs()
    inputs.add("offsets", [lengths.count + 1], offsets.map { Int32($0) })
    inputs.add("packed", [tokens, columns], generator.normal(tokens * columns))
    inputs.add("dPackedBefore", [tokens, columns], generator.normal(tokens * columns))
    inputs.add(
      "dFirstRows", [lengths.count, columns], generator.normal(lengths.count * columns))
    return inputs
  }

  /// Gather; add.
  public func run(
    _ pass: Pass, on backend: any Backend, in workspace: Workspace
  ) throws(DeviceError) {
    let sequences = PackedSequences(
      offsets: workspace["offsets"], tokenCount: tokens, longestSequence: lengths.max() ?? 0)
    switch pass {
    case .forward:
      try backend.gatherFirstRows(
        workspace["packed"], sequences: sequences, into: workspace["firstRows"])
    case .backward:
      try backend.addToFirstRows(
        workspace["dFirstRows"], sequences: sequences, of: workspace["dPacked"])
    }
  }

  /// Row by row.
  public func reference(_ inputs: Values<Double>) -> Outcome<Double> { evaluate(inputs) }
  /// The same in fp32.
  public func naive(_ inputs: Values<Float>) -> Outcome<Float> { evaluate(inputs) }

  /// Σ dFirstRows · firstRows + Σ before · packed.
  public func objective(_ inputs: Values<Double>) -> Double {
    guard let rows = evaluate(inputs).values["firstRows"] else { return .nan }
    return dot(rows, inputs["dFirstRows"]) + dot(inputs["packed"], inputs["dPackedBefore"])
  }

  private func evaluate<Scalar: ReferenceScalar>(_ inputs: Values<Scalar>) -> Outcome<Scalar> {
    let (packed, dRows) = (inputs["packed"], inputs["dFirstRows"])
    var firstRows: [Scalar] = []
    var dPacked = inputs["dPackedBefore"]
    for (text, offset) in offsets.dropLast().enumerated() {
      for column in 0..<columns {
        firstRows.append(packed[offset * columns + column])
        dPacked[offset * columns + column] += dRows[text * columns + column]
      }
    }
    var outcome = Outcome<Scalar>()
    outcome.set("firstRows", firstRows)
    outcome.set("dPacked", dPacked)
    return outcome
  }

  /// An addition an element backward.
  public func cost(of pass: Pass) -> Cost {
    let count = lengths.count * columns
    return Cost(
      FLOPs(pass == .forward ? 0 : count), Bytes(elements: (pass == .forward ? 2 : 3) * count))
  }

  static let cases: [Case] = Case.list([
    FirstRowsOperation(lengths: [1], columns: 1),
    FirstRowsOperation(lengths: [1, 7, 2, 17], columns: 21),
    FirstRowsOperation(lengths: Array(1...33), columns: 65),
  ])
}
