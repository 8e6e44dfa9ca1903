internal import Stages
internal import Text

/// The search for pairs and short phrases: the best candidates of each length, made longer by the
/// tokens that the gradient likes best at each of their places (a beam search; the gradient's part
/// in it is that of universal triggers: Wallace et al., EMNLP 2019).
struct PhraseSearch {
  let probe: Probe
  let firstOrder: FirstOrder
  let tokens: [Int32]

  /// Candidates that go on from length to length.
  private static let width = 8
  /// Tokens tried at a place of each.
  private static let branches = 32
  /// Texts that decide which candidates the others are spared for.
  private static let fewTexts = 4

  /// Texts that are read, and gone back through, to make phrases of a length longer by one.
  static func effort(from length: Int) -> StageEffort {
    let tried = width * (length + 1) * branches
    return StageEffort(
      trained: width * (length + 1) * fewTexts,
      read: tried * fewTexts + 4 * width * TokenSearch.searchTexts)
  }

  /// By length from 2 on, the best phrases, the best first; none longer than one that flips every
  /// text, which others could only repeat.
  ///
  /// - Parameter beginning: single tokens, the best first.
  func phrases(
    from beginning: [Scored], upTo length: Int, for target: Int, in carriers: [Carrier],
    progress: (Double) -> Void
  ) throws -> [[Scored]] {
    var found: [[Scored]] = []
    var beam = Array(beginning.prefix(Self.width))
    let few = Array(carriers.prefix(Self.fewTexts))
    while let best = beam.first, best.candidate.count < length,
      best.response.counts[target] < carriers.count
    {
      var longer: Set<[Int32]> = []
      for phrase in beam.map(\.candidate) {
        for slot in 0...phrase.count {
          let best = try firstOrder.best(
            Self.branches, of: tokens, for: target, beside: phrase, slot: slot, in: few)
          longer.formUnion(best.map { Array(phrase[..<slot] + [$0] + phrase[slot...]) })
        }
      }
      // Sets have no order of their own.
      let all = longer.sorted { $0.lexicographicallyPrecedes($1) }
      let promising = try probe.ranked(all, for: target, in: few).prefix(4 * Self.width)
      beam = Array(
        try probe.ranked(promising.map(\.candidate), for: target, in: carriers).prefix(Self.width))
      found.append(beam)
      progress(Double(found.count) / Double(length - 1))
    }
    return found
  }
}
