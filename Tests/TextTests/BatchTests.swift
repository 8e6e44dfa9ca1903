import TestSupport
import Testing
import Text

@Suite struct SeededGeneratorTests {
  @Test func `the numbers are those of SplitMix64`() {
    // From the reference program of S. Vigna (splitmix64.c) with the state 1234567.
    var generator = SeededGenerator(seed: 1_234_567)
    #expect(
      (0..<5).map { _ in generator.next() } == [
        6_457_827_717_110_365_317, 3_203_168_211_198_807_973, 9_817_491_932_198_370_423,
        4_593_380_528_125_082_431, 16_408_922_859_458_223_821,
      ])
  }

  @Test func `seeds, purposes and epochs have sequences of their own`() {
    var numbers: Set<UInt64> = []
    for seed in 0..<20 as Range<UInt64> {
      for purpose in SeededGenerator.Purpose.allCases {
        for index in 0..<20 {
          var generator = SeededGenerator(seed: seed, for: purpose, index: index)
          numbers.insert(generator.next())
        }
      }
    }
    #expect(numbers.count == 20 * SeededGenerator.Purpose.allCases.count * 20)
  }

  @Test func `bounded integers are uniform`() {
    var generator = SeededGenerator(seed: 3)
    let bound = 7
    let draws = 70_000
    var counts = Array(repeating: 0, count: bound)
    for _ in 0..<draws { counts[generator.integer(below: bound)] += 1 }
    let expected = Double(draws / bound)
    let chiSquare = counts.map { ($0 - draws / bound) * ($0 - draws / bound) }
      .reduce(0.0) { $0 + Double($1) / expected }
    // Six degrees of freedom: one fair generator in a million exceeds 38.3.
    #expect(chiSquare < 38.3)
    #expect(generator.integer(below: 1) == 0)
    for _ in 0..<1000 {
      #expect(0..<Int.max / 3 * 2 ~= generator.integer(below: Int.max / 3 * 2))
    }
  }

  @Test func `every order of three is as likely`() {
    var generator = SeededGenerator(seed: 4)
    var counts: [[Int]: Int] = [:]
    for _ in 0..<60_000 { counts[generator.shuffled([0, 1, 2]), default: 0] += 1 }
    #expect(counts.count == 6)
    let chiSquare = counts.values.map { Double(($0 - 10_000) * ($0 - 10_000)) / 10_000 }
      .reduce(0, +)
    // Five degrees of freedom: one fair generator in a million exceeds 35.9.
    #expect(chiSquare < 35.9)
  }

  @Test func `a sample holds no element twice`() {
    var generator = SeededGenerator(seed: 5)
    for count in [0, 1, 17, 40] {
      let sample = generator.sample(count, below: 40)
      #expect(sample.count == count)
      #expect(Set(sample).count == count)
      #expect(sample.allSatisfy { 0..<40 ~= $0 })
    }
  }
}

@Suite struct BatchTests {
  private let texts: [[Int32]] = [[5, 3, 5], [], [9], [3, 3, 1, 7], [0, 5]]

  @Test func `texts lie end to end with their places and labels`() {
    let data = EncodedDataset(texts, labels: [1, 0, -1, 1, 0])
    #expect(data.lengths == [3, 0, 1, 4, 2])
    #expect(Array(data[3]) == [3, 3, 1, 7])
    let batch = Batch(data, indices: [3, 0, 1, 4])
    #expect(batch.tokenIDs == [3, 3, 1, 7, 5, 3, 5, 0, 5])
    #expect(batch.sequenceOffsets == [0, 4, 7, 7, 9])
    #expect(batch.positions == [0, 1, 2, 3, 0, 1, 2, 0, 1])
    #expect(batch.labels == [1, 1, 0, 0])
    #expect(batch.exampleIndices == [3, 0, 1, 4])
    #expect(batch.longestSequence == 4)
    #expect(batch.tokensByID.rows == [0, 1, 3, 5, 7])
    #expect(batch.tokensByID.offsets == [0, 1, 2, 5, 8, 9])
    #expect(batch.tokensByID.tokens == [7, 2, 0, 1, 5, 4, 6, 8, 3])
  }

  @Test func `groups hold every token once, by id and then by place`() {
    var generator = SeededGenerator(seed: 1)
    let random = (0..<50).map { _ in
      (0..<generator.integer(below: 40)).map { _ in Int32(generator.integer(below: 30_000) % 97) }
    }
    let data = EncodedDataset(random, labels: Array(repeating: 0, count: 50))
    let batch = Batch(data, indices: Array(0..<50))
    #expect(batch.tokensByID.tokens.sorted() == Array(0..<Int32(batch.tokenCount)))
    #expect(batch.tokensByID.rows == Set(batch.tokenIDs).sorted())
    for (group, id) in batch.tokensByID.rows.enumerated() {
      let range = Int(batch.tokensByID.offsets[group])..<Int(batch.tokensByID.offsets[group + 1])
      let places = Array(batch.tokensByID.tokens[range])
      let expected = batch.tokenIDs.indices.filter { batch.tokenIDs[$0] == id }.map(Int32.init)
      #expect(places == expected)
    }
  }

  @Test func `a padding token in a text takes no position where positions pass it over`() {
    let data = EncodedDataset(
      texts, labels: [0, 0, 0, 0, 0], padding: PaddingToken(id: 3, takesPosition: false))
    let batch = Batch(data, indices: [0, 3, 4])
    #expect(batch.positions == [0, -1, 1, -1, -1, 0, 1, 0, 1])
    // By id; the tokens of id 3 are in no group.
    #expect(batch.tokensByID.rows == [0, 1, 3, 5, 7])
    #expect(batch.tokensByID.offsets == [0, 1, 2, 2, 5, 6])
    #expect(batch.tokensByID.tokens == [7, 5, 0, 2, 8, 6, 1, 3, 4])
    // By position, counted from that of the padding token.
    #expect(batch.tokensByPosition?.rows == [0, 1, 2])
    #expect(batch.tokensByPosition?.offsets == [0, 0, 3, 6])
    #expect(batch.tokensByPosition?.tokens == [0, 5, 7, 2, 6, 8, 1, 3, 4])
    #expect(batch.part(1..<2).positions == [-1, -1, 0, 1])
    #expect(batch.part(2..<3) == Batch(data, indices: [4]))
  }

  @Test(arguments: [
    PaddingToken(id: 3, takesPosition: true), PaddingToken(id: 4, takesPosition: false),
  ])
  func `positions are places where no token is passed over`(padding: PaddingToken) {
    let batch = Batch(
      EncodedDataset(texts, labels: [0, 0, 0, 0, 0], padding: padding), indices: [0, 3])
    #expect(batch.positions == [0, 1, 2, 0, 1, 2, 3])
    #expect(batch.tokensByPosition == nil)
  }

  @Test func `no texts make an empty batch`() {
    let batch = Batch(EncodedDataset([], labels: []), indices: [])
    #expect(batch.sequenceOffsets == [0])
    #expect(batch.tokensByID.offsets == [0])
    #expect(batch.tokenCount == 0)
  }
}

@Suite struct BatchPlanTests {
  static let orders: [BatchPlan.Order] = [
    .asGiven, .shuffled, .sortedByLength, .shuffledByLength(window: 3), .training,
  ]

  private func lengths(_ count: Int) -> [Int] {
    var generator = SeededGenerator(seed: 9)
    return (0..<count).map { _ in 1 + generator.integer(below: 60) }
  }

  @Test(arguments: orders, [0, 1, 31, 32, 33, 1000])
  func `each example is in one batch`(order: BatchPlan.Order, count: Int) {
    let plan = BatchPlan(lengths: lengths(count), batchSize: 32, order: order, seed: 1)
    #expect(plan.batches.joined().sorted() == Array(0..<count))
    #expect(plan.batches.count == (count + 31) / 32)
    #expect(plan.batches.allSatisfy { 1...32 ~= $0.count })
    #expect(plan.batches.filter { $0.count < 32 }.count <= 1)
  }

  @Test(arguments: [BatchPlan.Order.shuffled, .shuffledByLength(window: 3), .training])
  func `the plan depends on seed and epoch, and on nothing else`(order: BatchPlan.Order) {
    let lengths = lengths(500)
    func plan(_ seed: UInt64, _ epoch: Int) -> BatchPlan {
      BatchPlan(lengths: lengths, batchSize: 8, order: order, seed: seed, epoch: epoch)
    }
    #expect(plan(1, 0) == plan(1, 0))
    #expect(plan(1, 0) != plan(1, 1))
    #expect(plan(1, 0) != plan(2, 0))
    #expect(plan(1, 1) != plan(2, 0))
  }

  @Test func `orders without chance are what they say`() {
    let lengths = [3, 1, 2, 1, 3]
    func plan(_ order: BatchPlan.Order) -> [[Int]] {
      BatchPlan(lengths: lengths, batchSize: 2, order: order).batches
    }
    #expect(plan(.asGiven) == [[0, 1], [2, 3], [4]])
    #expect(plan(.sortedByLength) == [[1, 3], [2, 0], [4]])
  }

  @Test func `windows bring similar lengths together`() {
    let lengths = lengths(3200)
    func spread(_ order: BatchPlan.Order) -> Int {
      BatchPlan(lengths: lengths, batchSize: 32, order: order, seed: 1).batches.reduce(0) {
        let batch = $1.map { lengths[$0] }
        return $0 + (batch.max() ?? 0) - (batch.min() ?? 0)
      }
    }
    // Sorted within 50 batches, lengths of 1 to 60 pass through all values over 50 batches of a
    // window, so the spreads of a window sum to at most 59; there are two windows.
    #expect(spread(.shuffledByLength(window: 50)) <= 2 * 59)
    #expect(spread(.shuffled) > 100 * 40)
  }
}
