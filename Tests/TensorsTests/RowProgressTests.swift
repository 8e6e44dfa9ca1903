import Tensors
import Testing

@Suite struct RowProgressTests {
  /// Deterministic numbers in −1 ..< 1.
  private static func numbers(_ count: Int, _ factor: Int) -> [Float] {
    (0..<count).map { Float(($0 * factor + 13) % 211) / 105.5 - 1 }
  }

  @Test(arguments: [0, 0.01])
  func `AdamW on the rows that a step reads gives the bits of AdamW on the whole table`(
    weightDecay: Double
  ) throws {
    let (rows, columns, steps) = (11, 37, 2 * RowProgress.reach + 40)
    let backend = CPUBackend.shared
    let shape = [rows, columns]
    let optimizer = AdamWParameters(weightDecay: weightDecay)
    let start = Self.numbers(rows * columns, 29)
    func zeros() throws -> Tensor {
      try Tensor([Float](repeating: 0, count: rows * columns), shape: shape, on: backend)
    }
    let whole = try (Tensor(start, shape: shape, on: backend), zeros(), zeros())
    let table = try (Tensor(start, shape: shape, on: backend), zeros(), zeros())
    let progress = try RowProgress(rowCount: rows, step: 0, on: backend)

    for step in 0..<steps {
      // The last row is never named, the one before it once in a long while.
      let named =
        (0..<rows - 2).filter { ($0 + step) % 4 == 0 } + (step % 200 == 7 ? [rows - 2] : [])
      var values = [Float](repeating: 0, count: rows * columns)
      for row in named {
        values.replaceSubrange(
          row * columns..<(row + 1) * columns, with: Self.numbers(columns, step + row + 1))
      }
      let rate = 1e-2 / Double(step + 1)
      let dense = try Tensor(values, shape: shape, on: backend)
      try backend.adamW(
        optimizer, learningRate: rate, step: step + 1, gradientScale: nil, gradient: dense,
        parameter: whole.0, firstMoment: whole.1, secondMoment: whole.2)

      let list = try Tensor(named.map { Int32($0) }, on: backend)
      let sparse = try Tensor(values, shape: shape, on: backend)
      try backend.adamW(
        optimizer, learningRate: 0, step: step, gradientScale: nil,
        rows: step.isMultiple(of: RowProgress.reach) ? nil : list, progress: progress,
        gradient: nil, parameter: table.0, firstMoment: table.1, secondMoment: table.2)
      try backend.adamW(
        optimizer, learningRate: rate, step: step + 1, gradientScale: nil, rows: list,
        progress: progress, gradient: sparse, clearingGradient: true, parameter: table.0,
        firstMoment: table.1, secondMoment: table.2)
      #expect(try sparse.hostFloats().allSatisfy { $0 == 0 })
    }
    let before = try table.0.hostFloats()
    try backend.adamW(
      optimizer, learningRate: 0, step: steps, gradientScale: nil, rows: nil, progress: progress,
      gradient: nil, parameter: table.0, firstMoment: table.1, secondMoment: table.2)

    #expect(try table.0.hostFloats() != before, "some rows were behind")
    for (found, expected) in [(table.0, whole.0), (table.1, whole.1), (table.2, whole.2)] {
      #expect(
        try found.hostFloats().map(\.bitPattern) == expected.hostFloats().map(\.bitPattern))
    }
  }
}
