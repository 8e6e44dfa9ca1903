public import Tensors

/// AdamW on a table of which each step's gradient touches some rows, settled at the end: the bits of AdamW on the
/// whole table.
public struct AdamWRowsOperation: Operation {
  /// `adamw-rows`.
  public static let name = "adamw-rows"
  let rowCount: Int
  let columns: Int
  var steps = 10
  var weightDecay = 0.01
  /// A step names one row in so many.
  var rarity = 3

  private var count: Int { rowCount * columns }

  /// Extents and options.
  public var size: String {
    "\(rowCount)×\(columns), \(steps) steps on one row in \(rarity), decay \(weightDecay)"
  }

  /// Parameter and moments; the gradient is used up.
  public var outputs: [Output] {
    // A step rounds the parameter four times and each moment three times.
    let bound = Tolerance.relativeToNaive(terms: 4 * steps)
    return ["parameter", "firstMoment", "secondMoment"].map {
      Output($0, [rowCount, columns], bound, .startingAs($0 + "Before"))
    } + [Output("gradients", [steps, count], .exact, .startingAs("gradientsBefore"))]
  }

  /// Every step names rows of its own. Some rows have moments from before, and one is never named.
  public func inputs(from generator: inout Generator) -> Inputs {
    var inputs = Inputs()
    let moments = (0..<count).map { $0 / max(1, columns) % 2 == 0 ? Float(0) : Float(1) }
    inputs.add(
      "parameterBefore", [rowCount, columns], generator.normal(count, deviation: 0.05))
    inputs.add(
      "firstMomentBefore", [rowCount, columns],
      zip(generator.normal(count, deviation: 1e-3), moments).map { $0 * $1 })
    inputs.add(
      "secondMomentBefore", [rowCount, columns],
      zip(generator.normal(count, deviation: 1e-6), moments).map { abs($0) * $1 })
    var gradients = generator.normal(steps * count, deviation: 1e-3)
    for step in 0..<steps {
      let named = Set(rows(of: step))
      for row in 0..<rowCount where !named.contains(row) {
        let start = step * count + row * columns
        gradients.replaceSubrange(start..<start + columns, with: repeatElement(0, count: columns))
      }
      inputs.add("rows\(step)", [named.count], named.sorted().map { Int32($0) })
    }
    inputs.add("gradientsBefore", [steps, count], gradients)
    inputs.add("scale", [1], [Float(0.37)])
    return inputs
  }

  /// Rows that step `step` names: others each time; the first row never.
  private func rows(of step: Int) -> [Int] {
    (1..<max(1, rowCount)).filter { ($0 &* 7 &+ step &* 5) % rarity == 0 }
  }

  /// Each step catches up the rows that it reads and moves them; the rest follow at the end.
  public func run(
    _ pass: Pass, on backend: any Backend, in workspace: Workspace
  ) throws(DeviceError) {
    let progress = try RowProgress(rowCount: rowCount, step: 0, on: backend)
    for step in 0..<steps {
      let rows = workspace["rows\(step)"]
      try move(
        step.isMultiple(of: RowProgress.reach) ? nil : rows, to: step, gradient: nil, progress,
        on: backend, in: workspace)
      try move(
        rows, to: step + 1,
        gradient: workspace["gradients"].slice(at: step * count, shape: [rowCount, columns]),
        progress, on: backend, in: workspace)
    }
    try move(nil, to: steps, gradient: nil, progress, on: backend, in: workspace)
  }

  private func move(
    _ rows: Tensor?, to step: Int, gradient: Tensor?, _ progress: RowProgress,
    on backend: any Backend, in workspace: Workspace
  ) throws(DeviceError) {
    try backend.adamW(
      AdamWParameters(weightDecay: weightDecay), learningRate: 5e-5, step: step,
      gradientScale: workspace["scale"], rows: rows, progress: progress, gradient: gradient,
      clearingGradient: true, parameter: workspace["parameter"],
      firstMoment: workspace["firstMoment"], secondMoment: workspace["secondMoment"])
  }

  private var wholeTable: AdamWOperation {
    AdamWOperation(
      count: count, steps: steps, weightDecay: weightDecay, clips: true, clears: .max)
  }

  /// The whole table in every step.
  public func reference(_ inputs: Values<Double>) -> Outcome<Double> {
    wholeTable.reference(inputs)
  }
  /// The same in fp32.
  public func naive(_ inputs: Values<Float>) -> Outcome<Float> { wholeTable.naive(inputs) }

  /// Thirteen numbers read or written for each row that a step names, and six for every row at the end.
  public func cost(of pass: Pass) -> Cost {
    let moved = count / rarity * steps
    return Cost(FLOPs(14 * count * steps), Bytes(elements: 13 * moved + 6 * count))
  }

  static let cases: [Case] = {
    typealias R = AdamWRowsOperation
    let small = [
      R(rowCount: 1, columns: 1), R(rowCount: 7, columns: 17, weightDecay: 0),
      R(rowCount: 33, columns: 31, rarity: 5), R(rowCount: 5, columns: 64, steps: 1),
      // Rows that are as far behind as they may be.
      R(rowCount: 9, columns: 5, steps: 2 * RowProgress.reach + 3, rarity: 700),
    ]
    return Case.list(small)
      + Case.list([R(rowCount: 8_000, columns: 384, steps: 2, rarity: 70)], realistic: true)
  }()
}
