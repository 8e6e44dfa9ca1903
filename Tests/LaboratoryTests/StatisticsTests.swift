import Files
import Testing

@testable import Laboratory

/// What SciPy says: `Tests/Fixtures/statistics`.
private func fixture(_ key: String) throws -> [JSONNode] {
  let tests = Path.parent(of: Path.parent(of: #filePath))
  let file = Path.join(tests, "Fixtures/statistics/statistics.json")
  return try JSONNode(JSONValue(parsing: ByteFile.contents(of: file), file: file), file: file)
    .required(key).elements()
}

private func doubles(_ node: JSONNode, _ key: String) throws -> [Double] {
  try node.required(key).elements().map { try $0.double(in: -1e9...1e9) }
}

private func double(_ node: JSONNode, _ key: String) throws -> Double {
  try node.required(key).double(in: -1e9...1e9)
}

@Test func `paired comparisons are SciPy's`() throws {
  for node in try fixture("cases") {
    let comparison = try #require(
      PairedComparison(doubles(node, "first"), doubles(node, "second")))
    let student = try #require(comparison.studentProbability)
    #expect(abs(student - (try double(node, "student"))) < 1e-12)
    let interval = try #require(comparison.interval)
    // The quantile is found to the last bits; 1 degree of freedom multiplies it by 13.
    let scale = max(abs(interval.lowerBound), abs(interval.upperBound))
    #expect(abs(interval.lowerBound - (try double(node, "low"))) < 1e-10 * scale)
    #expect(abs(interval.upperBound - (try double(node, "high"))) < 1e-10 * scale)
    let rank = try #require(comparison.signedRank)
    #expect(abs(rank.probability - (try double(node, "wilcoxon"))) < 1e-12)
  }
}

@Test func `quantiles of Student's distribution are SciPy's`() throws {
  for node in try fixture("quantiles") {
    let distribution = StudentDistribution(
      degreesOfFreedom: try node.required("degrees").int(in: 1...1000))
    let share = try double(node, "share")
    let t = try double(node, "t")
    #expect(abs(distribution.quantile(twoSided: share) / t - 1) < 1e-9)
    #expect(abs(distribution.twoSidedProbability(of: -t) - share) < 1e-13)
  }
}

@Test func `what few pairs can and cannot say`() throws {
  #expect(PairedComparison([], []) == nil)
  let single = try #require(PairedComparison([3], [1]))
  #expect(single.interval == nil)
  #expect(single.studentProbability == nil)
  #expect(single.signedRank?.probability == 1)
  let equal = try #require(PairedComparison([3, 4, 5], [2, 3, 4]))
  #expect(equal.studentProbability == nil)
  #expect(equal.effectSize == nil)
  #expect(equal.signedRank?.probability == 0.25)
  #expect(equal.signedRank?.rankCorrelation == 1)
  #expect(PairedComparison([1, 2], [1, 2])?.signedRank == nil)
  #expect(SignedRankTest.leastProbability(count: 5) == 0.0625)
  let large = try #require(SignedRankTest((1...200).map { Double($0) }))
  #expect(large.probability == SignedRankTest.leastProbability(count: 200))
}
