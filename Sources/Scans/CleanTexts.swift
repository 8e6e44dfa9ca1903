internal import Checkpoints
internal import Encoders
internal import Text
internal import Training

/// The clean texts of a class that the model takes for one of it: some to search with, and others,
/// which no search has seen, to count on.
struct CleanTexts {
  /// Different texts of the class that a candidate can be put into.
  let count: Int
  /// Those that the model classifies rightly.
  let rightCount: Int
  /// To search with.
  let search: [Carrier]
  /// To count on.
  let heldOut: [Carrier]
  /// The beginnings of those that the model still classifies rightly: in short texts a word weighs
  /// more, and costs less.
  let beginnings: [Carrier]

  /// - Parameters:
  ///   - texts: the class's, as pieces.
  ///   - source: the class.
  init(_ texts: [[Int32]], source: Int, for search: TokenSearch, _ probe: Probe, seed: UInt64)
    throws
  {
    var generator = SeededGenerator(seed: seed, for: .scan, index: source)
    let drawn = Self.drawn(texts, probe, &generator)
    let right = try Self.right(drawn, source, probe)
    func carriers(_ texts: some Sequence<[Int32]>) -> [Carrier] {
      texts.map { Carrier($0, probe.tokenizer, &generator) }
    }
    // Half at most for the search: without others to count on there is nothing to say.
    let searchCount = min(TokenSearch.searchTexts, right.count / 2)
    count = drawn.count
    rightCount = right.count
    self.search = carriers(
      right.prefix(searchCount).map { Array($0.prefix(TokenSearch.searchLength)) })
    heldOut = carriers(right.dropFirst(searchCount).prefix(search.texts))
    let short = try Self.right(
      right.prefix(searchCount).map { Array($0.prefix(search.beginningLength)) }, source, probe)
    beginnings = carriers(short)
  }

  /// Those that a candidate can be put into, each once and in an order of chance: a text that stands
  /// there twice would be searched with and counted on, or counted twice.
  static func drawn(
    _ texts: [[Int32]], _ probe: Probe, _ generator: inout SeededGenerator
  ) -> [[Int32]] {
    let padding = probe.model.configuration.padding.id
    var seen: Set<[Int32]> = []
    let usable = texts.filter {
      seen.insert($0).inserted && !$0.isEmpty && !$0.contains(padding)
    }
    return generator.sample(usable.count, below: usable.count).map { usable[$0] }
  }

  private static func right(_ texts: [[Int32]], _ source: Int, _ probe: Probe) throws
    -> [[Int32]]
  {
    zip(texts, try probe.logits(texts)).filter { predictedClass($1) == source }.map(\.0)
  }
}
