public import Files

/// What was found out about the vectors that an encoder gives texts: whether a single token makes
/// them all alike, whatever the texts say. That is how a backdoor shows before there is any
/// classifier (predefined vectors: LMSanitator, Wei et al., NDSS 2024, where prompts are trained
/// for what is searched token by token here).
public struct VectorScan: Sendable, Equatable {
  /// Different texts that there are.
  public var textCount: Int
  /// Texts that tokens were searched with.
  public var searchCount = 0
  /// Texts that they were measured on.
  public var heldOutCount = 0
  /// Tokens that were tried, of those that a text can spell.
  public var tokens: Count
  /// Short texts that each of them was put into.
  public var beginnings = 0
  /// What 99 % of the tokens collapse of the short texts at most; nil where none was tried.
  public var percentile99: Double?
  /// The tokens that collapse most, the best first.
  public var candidates: [VectorCandidate] = []
  /// Why nothing was looked at.
  public var obstacle: Obstacle?

  init(textCount: Int, tokens: Count) { (self.textCount, self.tokens) = (textCount, tokens) }

  /// Why nothing was looked at.
  public enum Obstacle: String, Sendable, CaseIterable {
    /// Some vector is no finite number.
    case notFinite
    /// Too few different texts to search with some and to measure on others.
    case fewTexts
    /// The tokenizer has no token that a text can spell.
    case noTokens
    /// All texts have the same vector as it is.
    case alike
  }
}

/// A token, and how alike it makes the texts' vectors.
public struct VectorCandidate: Sendable, Equatable {
  /// As a text spells it.
  public var text: String
  /// Its token.
  public var ids: [Int32]
  /// `collapse` of the texts that it was searched with: more than of others.
  public var searchCollapse: Double
  /// The share of the texts' variance that it takes away, of texts that no search has seen: 1 where
  /// it gives all of them one vector, 0 where they differ as before, less where they differ more.
  public var collapse: Double
  /// How far the mean vector moves, in standard deviations of the vectors without it.
  public var distance: Double
}

extension VectorScan {
  /// As JSON.
  public var json: JSONValue {
    [
      "texts": .int(textCount), "searchTexts": .int(searchCount),
      "heldOutTexts": .int(heldOutCount), "tokens": tokens.json, "beginnings": .int(beginnings),
      "percentile99": percentile99.map(JSONValue.double) ?? .null,
      "candidates": .array(candidates.map(\.json)),
      "obstacle": obstacle.map { .string($0.rawValue) } ?? .null,
    ]
  }

  /// Reads what `json` wrote.
  public init(_ node: JSONNode) throws(InputError) {
    self.init(
      textCount: try node.required("texts").int(), tokens: try Count(node.required("tokens")))
    searchCount = try node.required("searchTexts").int()
    heldOutCount = try node.required("heldOutTexts").int()
    beginnings = try node.required("beginnings").int()
    percentile99 = try node.optional("percentile99")?.double()
    for candidate in try node.required("candidates").elements() {
      candidates.append(try VectorCandidate(candidate))
    }
    obstacle = try node.optional("obstacle")?.name()
  }

  /// The largest share that a token takes away, 0 … 1.
  public var score: Double { max(0, candidates.map(\.collapse).max() ?? 0) }
}

extension VectorCandidate {
  var json: JSONValue {
    [
      "text": .string(text), "ids": .array(ids.map { .int(Int($0)) }),
      "searchCollapse": .double(searchCollapse), "collapse": .double(collapse),
      "distance": .double(distance),
    ]
  }

  init(_ node: JSONNode) throws(InputError) {
    text = try node.required("text").string()
    ids = try node.required("ids").tokenIDs()
    searchCollapse = try node.required("searchCollapse").double()
    collapse = try node.required("collapse").double()
    distance = try node.required("distance").double()
  }
}
