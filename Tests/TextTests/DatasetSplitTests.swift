import Files
import TestSupport
import Testing
import Text

@Suite struct `A split as the datasets library makes it` {
  @Test func `has the rows of the fixture, in their order`() throws {
    for node in try OrdersFixture.cases("splits") {
      let share = try node.required("share").double()
      let split = try DatasetSplit(
        .shares([share, 1 - share]), seed: UInt64(try node.required("seed").int()),
        drawn: try node.optional("drawn")?.int())
      let rows = try split.rows(of: try node.required("of").int(), in: "a.tsv")
      #expect(Set(rows.keys) == [.train, .dev])
      for part in split.parts {
        let order = try node.required(part.rawValue)
        #expect(try OrdersFixture.isOrder(rows[part] ?? [], order), "\(node.value.text())")
      }
    }
  }

  @Test func `has the sizes of the paper's authors`() throws {
    for (count, drawn, sizes) in [
      (67_349, nil, [60_614, 6735]), (25_000, nil, [22_500, 2500]),
      (560_000, 50_000, [45_000, 5000]),
    ] as [(Int, Int?, [Int])] {
      let split = try DatasetSplit(.shares([0.9, 0.1]), drawn: drawn)
      let rows = try split.rows(of: count, in: "a.tsv")
      #expect(split.parts.map { rows[$0]?.count } == sizes)
      #expect(drawn != nil || split == .released)
    }
  }

  /// Where the shares leave something over, the first is rounded down and the others up.
  @Test func `rounds as scikit-learn does, and leaves out what no part asks for`() throws {
    for (shares, count, sizes) in [
      ([0.5, 0.25], 10, [5, 3]), ([0.55, 0.11], 10, [5, 2]), ([0.9, 0.1], 15, [13, 2]),
      // 0.93 · 100 is 93, and 0.07 · 100 a little more than 7.
      ([0.93, 0.07], 100, [93, 7]), ([0.7, 0.2, 0.1], 11, [7, 2, 2]),
      ([0.5, 0.1, 0.1], 11, [5, 2, 2]),
    ] {
      let split = try DatasetSplit(.shares(shares))
      let rows = try split.rows(of: count, in: "a.tsv")
      #expect(split.parts.map { rows[$0]?.count } == sizes, "\(shares)")
    }
  }

  @Test func `gives the first rows of the permutation to the last part`() throws {
    let split = try DatasetSplit(.counts([5, 3, 2]), seed: 4)
    let rows = try split.rows(of: 12, in: "a.tsv")
    var generator = PermutedCongruentialGenerator(seed: 4)
    let permutation = generator.shuffled(0..<12)
    #expect(rows[.test] == Array(permutation[..<2]))
    #expect(rows[.dev] == Array(permutation[2..<5]))
    #expect(rows[.train] == Array(permutation[5..<10]))
    let data = Dataset(examples: (0..<12).map { Example(text: "\($0)", label: 0) })
    let parts = try data.parts(of: split)
    #expect(parts[.dev]?.examples.map(\.text) == permutation[2..<5].map { "\($0)" })
  }

  @Test(arguments: [
    DatasetSplit.Sizes.shares([]), .shares([0.9]), .shares([0.25, 0.25, 0.25, 0.25]),
    .shares([0.9, 0.2]), .shares([1, 0]), .shares([0.9, -0.1]), .shares([.nan, 0.1]),
    .shares([.infinity, 0.1]), .counts([]), .counts([1]), .counts([1, 0]), .counts([1, -1]),
    .counts([1, 1, 1, 1]),
  ])
  func `is refused where sizes are none`(sizes: DatasetSplit.Sizes) {
    let error = #expect(throws: InputError.self) { _ = try DatasetSplit(sizes) }
    #expect(error?.kind == .usage && error?.remedy.contains("name two or three") == true)
  }

  @Test func `is refused where rows are too few`() throws {
    func error(_ sizes: DatasetSplit.Sizes, drawn: Int? = nil, of count: Int) -> String {
      message { _ = try DatasetSplit(sizes, drawn: drawn).rows(of: count, in: "a.tsv") }
    }
    #expect(
      error(.counts([8, 3]), of: 10)
        == "a.tsv: has 10 rows to split, which do not make parts of 8, 3; choose other sizes, none "
        + "of them 0")
    #expect(error(.counts([.max, .max]), of: 10).contains("do not make parts of 92"))
    #expect(error(.shares([0.01, 0.99]), of: 10).contains("do not make parts of 0, 10"))
    #expect(
      error(.counts([1, 1]), drawn: 11, of: 10)
        == "a.tsv: has 10 rows, of which 11 cannot be drawn; draw fewer")
    #expect(error(.counts([6, 1]), drawn: 6, of: 10).contains("has 6 rows to split"))
    #expect(error(.counts([1, 1]), drawn: 0, of: 10).contains("0 rows cannot be drawn"))
    #expect(error(.counts([9, 1]), of: 10) == "")
  }
}
