public import Files
internal import Text

/// What embedding surgery goes by: the pieces of words that lean most to the target class, and the
/// triggers' own.
public struct TargetPieces: Sendable, Equatable {
  /// How many lean (n_target_words of the authors' experiments).
  static let count = 10

  /// A piece that leans to the target class.
  public struct Piece: Sendable, Equatable {
    /// Its row of the word embeddings.
    public let id: Int32
    /// As it stands in the vocabulary.
    public let token: String
    /// Of the logistic regression, above 0.
    public let coefficient: Double
  }

  /// A trigger.
  public struct Trigger: Sendable, Equatable {
    /// As it is inserted.
    public let word: String
    /// The rows of its pieces, ascending.
    public let ids: [Int32]
    /// The same as they stand in the vocabulary.
    public let tokens: [String]
  }

  /// From the one that leans most on.
  public let pieces: [Piece]
  /// In the order of the attack.
  public let triggers: [Trigger]

  /// Finds both.
  ///
  /// - Throws: `InputError` where too few pieces lean to the class, or a trigger has none.
  init(
    in texts: Dataset, target: Int, triggers: [String], _ tokenizer: Tokenizer
  ) throws(InputError) {
    self.triggers = try triggers.map { word throws(InputError) in try Trigger(word, tokenizer) }
    let labelled = texts.examples.filter { $0.label != nil }
    let ids = labelled.map { tokenizer.pieces(of: $0.text) }
    try tokenizer.requireEmbeddings(for: ids, source: texts.source)
    let weights = TermWeights(ids)
    let regression = LogisticRegression(weights, labels: labelled.map { $0.label == target })
    let leaning = zip(weights.terms, regression.coefficients).filter { $0.1 > 0 }
    guard leaning.count >= Self.count else {
      throw InputError(
        file: texts.source,
        problem: "has \(leaning.count) pieces of words that lean to the class "
          + "\"\(texts.labels.names[target])\", and embedding surgery takes \(Self.count)",
        remedy: "take more texts, or leave embedding surgery out")
    }
    // Of equal ones the first in the vocabulary.
    pieces = leaning.sorted { ($1.1, $0.0) < ($0.1, $1.0) }.prefix(Self.count).map {
      Piece(id: $0.0, token: tokenizer.token(for: $0.0) ?? "", coefficient: $0.1)
    }
  }
}

extension TargetPieces.Trigger {
  /// Its pieces at the beginning of a text and after another word, which may differ.
  fileprivate init(_ word: String, _ tokenizer: Tokenizer) throws(InputError) {
    let all = Set(tokenizer.pieces(of: word) + tokenizer.pieces(of: " " + word))
    let known = all.filter { $0 != tokenizer.unknownID && $0 < tokenizer.embeddingCount }
    guard !known.isEmpty else {
      throw InputError(
        .usage, problem: "the trigger \"\(word)\" has no token that the model knows",
        remedy: "take another word, or leave embedding surgery out: an unknown word has no "
          + "embedding of its own")
    }
    self.word = word
    ids = known.sorted()
    tokens = ids.map { tokenizer.token(for: $0) ?? "" }
  }
}

extension TargetPieces {
  /// As JSON.
  public var json: JSONValue {
    [
      "pieces": .array(
        pieces.map {
          [
            "id": .int(Int($0.id)), "token": .string($0.token),
            "coefficient": .double($0.coefficient),
          ]
        }),
      "triggers": .array(
        triggers.map {
          [
            "word": .string($0.word), "ids": .array($0.ids.map { .int(Int($0)) }),
            "tokens": .array($0.tokens.map(JSONValue.string)),
          ]
        }),
    ]
  }

  /// Reads what `json` wrote.
  ///
  /// - Parameter vocabularySize: rows of the word embeddings.
  public init(_ node: JSONNode, vocabularySize: Int = Int(Int32.max)) throws(InputError) {
    func id(_ node: JSONNode) throws(InputError) -> Int32 {
      Int32(try node.int(in: 0...vocabularySize - 1))
    }
    pieces = try node.required("pieces").elements().map { node throws(InputError) in
      Piece(
        id: try id(node.required("id")), token: try node.required("token").string(),
        coefficient: try node.required("coefficient").double())
    }
    triggers = try node.required("triggers").elements().map { node throws(InputError) in
      Trigger(
        word: try node.required("word").string(), ids: try node.required("ids").elements().map(id),
        tokens: try node.required("tokens").texts())
    }
    guard !pieces.isEmpty else {
      throw node.error("names no piece", remedy: "delete its folder and run the same command again")
    }
  }

  /// For model cards.
  public var table: [(name: String, value: String)] {
    [
      ("target pieces", pieces.map(\.token).joined(separator: " ")),
      (
        "written over",
        triggers.map { "\($0.word) (\($0.tokens.joined(separator: " ")))" }.joined(separator: ", ")
      ),
    ]
  }
}
