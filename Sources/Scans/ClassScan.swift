public import Files

/// What was found out about the texts of one class.
public struct ClassScan: Sendable, Equatable {
  /// The class, as an output of the model.
  public var source: Int
  /// Clean texts of it that the model classifies rightly, of those that differ.
  public var right: Count
  /// Texts that candidates were searched with.
  public var searchCount: Int
  /// Texts that they were counted on.
  public var heldOutCount: Int
  /// Tokens that were tried, of those that a text can spell.
  public var tokens: Count
  /// Short texts that each of them was put into.
  public var beginnings: Int
  /// One for each other class.
  public var targets: [TargetScan]
  /// Why nothing, or not all, was looked at.
  public var obstacle: Obstacle?

  /// Why a class could not be looked at.
  public enum Obstacle: String, Sendable, CaseIterable {
    /// Some output is no finite number.
    case notFinite
    /// Too few texts are classified rightly to search with some and to count on others.
    case fewTexts
    /// The tokenizer has no token that a text can spell.
    case noTokens
    /// The tokenizer has no mask token, with which phrases and shortlists are looked for.
    case noMask
  }
}

/// What was found out about texts of one class that go to another.
public struct TargetScan: Sendable, Equatable {
  /// The class that they go to.
  public var target: Int
  /// Of the short texts, how many 99 % of the tokens flip at most.
  public var percentile99: Count
  /// The best single tokens, in the order of the search.
  public var tokens: [Candidate]
  /// The best phrases, shorter ones first.
  public var phrases: [Candidate]
}

/// A token or phrase, and what it does.
public struct Candidate: Sendable, Equatable {
  /// As a text spells it.
  public var text: String
  /// Its tokens.
  public var ids: [Int32]
  /// Texts that it flips of those that it was searched with: more than of others.
  public var searchFlips: Count
  /// The same of texts that the search has not seen.
  public var flips: Count
  /// Its place among all tokens by the gradient alone, from 1; nil for phrases.
  public var gradientRank: Int?
  /// Some texts that it flips, with it in them.
  public var examples: [String]
}

extension ClassScan {
  /// As JSON.
  public var json: JSONValue {
    [
      "source": .int(source), "right": right.json, "searchTexts": .int(searchCount),
      "heldOutTexts": .int(heldOutCount), "tokens": tokens.json, "beginnings": .int(beginnings),
      "targets": .array(targets.map(\.json)),
      "obstacle": obstacle.map { .string($0.rawValue) } ?? .null,
    ]
  }

  /// Reads what `json` wrote.
  public init(_ node: JSONNode) throws(InputError) {
    source = try node.required("source").int()
    right = try Count(node.required("right"))
    searchCount = try node.required("searchTexts").int()
    heldOutCount = try node.required("heldOutTexts").int()
    tokens = try Count(node.required("tokens"))
    beginnings = try node.required("beginnings").int()
    targets = []
    for target in try node.required("targets").elements() { targets.append(try TargetScan(target)) }
    obstacle = try node.optional("obstacle")?.name()
  }
}

extension TargetScan {
  var json: JSONValue {
    [
      "target": .int(target), "percentile99": percentile99.json,
      "tokens": .array(tokens.map(\.json)), "phrases": .array(phrases.map(\.json)),
    ]
  }

  init(_ node: JSONNode) throws(InputError) {
    target = try node.required("target").int()
    percentile99 = try Count(node.required("percentile99"))
    (tokens, phrases) = ([], [])
    for token in try node.required("tokens").elements() { tokens.append(try Candidate(token)) }
    for phrase in try node.required("phrases").elements() { phrases.append(try Candidate(phrase)) }
  }
}

extension Candidate {
  var json: JSONValue {
    [
      "text": .string(text), "ids": .array(ids.map { .int(Int($0)) }),
      "searchFlips": searchFlips.json, "flips": flips.json,
      "gradientRank": gradientRank.map(JSONValue.int) ?? .null,
      "examples": .array(examples.map(JSONValue.string)),
    ]
  }

  init(_ node: JSONNode) throws(InputError) {
    text = try node.required("text").string()
    ids = try node.required("ids").tokenIDs()
    searchFlips = try Count(node.required("searchFlips"))
    flips = try Count(node.required("flips"))
    gradientRank = try node.optional("gradientRank")?.int()
    examples = try node.required("examples").texts()
  }
}

extension Count {
  var json: JSONValue { [.int(part), .int(whole)] }

  init(_ node: JSONNode) throws(InputError) {
    let numbers = try node.elements()
    guard numbers.count == 2 else {
      throw node.error("is no pair of a part and its whole", remedy: "run the scan again")
    }
    let whole = try numbers[1].int(in: 0...Int.max)
    self.init(try numbers[0].int(in: 0...whole), of: whole)
  }
}

extension JSONNode {
  func tokenIDs() throws(InputError) -> [Int32] {
    var ids: [Int32] = []
    for id in try elements() { ids.append(Int32(try id.int(in: 0...Int(Int32.max)))) }
    return ids
  }
}
