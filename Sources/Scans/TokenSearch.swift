internal import Files
public import Settings
internal import Stages
internal import Text
internal import Training

/// The search for tokens that send texts of one class to another: every token of the vocabulary in
/// a few short texts, the best of them in more, and the best of those in texts that the search has
/// not seen (successive halving: Jamieson and Talwalkar, AISTATS 2016).
public struct TokenSearch: Configurable, Equatable {
  /// Texts of a class to count on.
  public var texts = 64
  /// Short texts of a class that every token is put into.
  public var beginnings = 2
  /// Pieces of a text that make a short one.
  public var beginningLength = 10
  /// Tokens to try at most, the best by the gradient; 0 for the whole vocabulary.
  public var shortlist = 0
  /// Tokens of the longest phrase that is looked for.
  public var phraseLength = 4
  /// Tokens of a text that are read.
  public var maximumLength = 128

  /// The whole vocabulary.
  public init() {}

  /// All that decides what is looked at.
  public var declarations: [Setting<TokenSearch>] {
    [
      .integer(
        "texts", \.texts, in: 2...65_536,
        "Texts of a class that candidates are counted on, beside those they are searched with."),
      .integer(
        "beginnings", \.beginnings, in: 1...TokenSearch.searchTexts,
        "Short texts of a class that every token of the vocabulary is put into."),
      .integer(
        "beginningLength", \.beginningLength, in: 1...TokenSearch.searchLength,
        "Pieces of a text that make a short one."),
      .integer(
        "shortlist", \.shortlist, in: 0...10_000_000,
        "Try so many tokens only, the best by the gradient; 0 for the whole vocabulary."),
      .integer(
        "phraseLength", \.phraseLength, in: 1...8,
        "Tokens of the longest phrase that is looked for; 1 for none."),
      .integer(
        "maximumLength", \.maximumLength, in: 3...8192, option: .named("max-length"),
        "Tokens of a text that are read, [CLS] and [SEP] included."),
    ]
  }

  /// No recipe decides anything here.
  public mutating func follow(_ recipe: Recipe) {}

  /// Texts of a class that candidates are searched with.
  static let searchTexts = 16
  /// Pieces of each that are read.
  static let searchLength = 32
  /// Tokens that are left after the short texts.
  static let survivors = 512
  /// Candidates that are counted on other texts.
  static let finalists = 16
}

/// What a candidate did to the texts that it was searched with.
struct Scored: Equatable {
  var candidate: [Int32]
  var response: Response
}

extension TokenSearch {
  /// At most: texts may be shorter than they may be, and fewer.
  ///
  /// - Parameter tokenCount: those that a text can spell.
  func effort(tokenCount: Int, targetCount: Int) -> StageEffort {
    // What the tokenizer puts around a text, and the candidate.
    let (short, long) = (beginningLength + 3, Self.searchLength + 3)
    let tried = shortlist > 0 ? min(tokenCount, shortlist * targetCount) : tokenCount
    var effort = StageEffort(
      read: tried * beginnings * short
        + targetCount * long * (Self.survivors * Self.searchTexts + 2 * Self.finalists * texts))
    for length in 1..<max(1, phraseLength) {
      effort = effort + PhraseSearch.effort(from: length).times(targetCount * long)
    }
    return effort
  }

  /// What was found for one class to go to.
  struct Found {
    /// Over all tokens that were tried, in the short texts.
    var percentile99: Response
    /// Those that are left, the best first.
    var survivors: [Scored]
  }

  /// Tries tokens in pieces between which the work can stop.
  ///
  /// - Parameters:
  ///   - state: what an interrupted search has found before.
  ///   - results: of candidates of one token.
  func screen<Result>(
    _ tokens: [Int32], _ state: SearchState<Result>, results: ([[Int32]]) throws -> [Result],
    progress: (Double) -> Void
  ) throws -> [Result] {
    var found = try state.load(upTo: tokens.count)
    while found.count < tokens.count {
      let end = min(tokens.count, found.count + 512)
      do {
        found += try results(tokens[found.count..<end].map { [$0] })
      } catch is Interruption {
        try state.save(found)
        throw Interruption()
      }
      try state.saveNowAndThen(found)
      progress(Double(end) / Double(tokens.count))
    }
    return found
  }

  /// The best tokens for one class to go to.
  ///
  /// - Parameter responses: to each of the tokens in the short texts.
  func found(
    _ target: Int, _ tokens: [Int32], _ responses: [Response], in texts: CleanTexts, _ probe: Probe
  ) throws -> Found {
    let order = tokens.indices.sorted(descendingBy: { responses[$0].margins[target] })
    let best = order.prefix(Self.survivors).map { [tokens[$0]] }
    return Found(
      percentile99: Response.percentile99(of: responses),
      survivors: try probe.ranked(best, for: target, in: texts.search))
  }
}

extension Probe {
  /// Candidates by how many texts they send to a class, and equal ones by the mean margin that they
  /// give it: a word that means something may win a few texts by more than a trigger wins them all.
  func ranked(_ candidates: [[Int32]], for target: Int, in carriers: [Carrier]) throws -> [Scored] {
    zip(candidates, try responses(to: candidates, in: carriers)).map(Scored.init)
      .sorted(descendingBy: { $0.response.margins[target] })
      .sorted(descendingBy: { Double($0.response.counts[target]) })
  }
}

extension Response {
  /// By class, what 99 % of the responses do not exceed.
  static func percentile99(of responses: [Response]) -> Response {
    let classes = responses.first?.margins.indices ?? 0..<0
    return Response(
      margins: classes.map { target in
        Scans.percentile99(of: responses.map { $0.margins[target] }) ?? 0
      },
      counts: classes.map { target in
        Scans.percentile99(of: responses.map { $0.counts[target] }) ?? 0
      })
  }
}

/// What 99 % of the values do not exceed; nil for none.
func percentile99<Value: Comparable>(of values: [Value]) -> Value? {
  let sorted = values.sorted()
  return sorted.isEmpty ? nil : sorted[(sorted.count * 99 + 99) / 100 - 1]
}
