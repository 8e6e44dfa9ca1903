public import Files

/// What the candidates that a scan found do to two models, counted on the same texts.
public struct Recount: Sendable, Equatable {
  /// The class of the texts, as an output of both models.
  public var source: Int
  /// Texts that no search has seen and that both models classify rightly.
  public var textCount: Int
  /// In the order of the scan.
  public var candidates: [RecountedCandidate]
  /// Why nothing could be counted.
  public var obstacle: ClassScan.Obstacle?
}

/// A candidate with what it does to either model.
public struct RecountedCandidate: Sendable, Equatable {
  /// As a text spells it.
  public var text: String
  /// The class that texts go to.
  public var target: Int
  /// Texts that it flips in the model that was scanned.
  public var before: Count
  /// The same in the other one.
  public var after: Count
}

extension Recount {
  /// As JSON.
  public var json: JSONValue {
    [
      "source": .int(source), "texts": .int(textCount),
      "candidates": .array(candidates.map(\.json)),
      "obstacle": obstacle.map { .string($0.rawValue) } ?? .null,
    ]
  }

  /// Reads what `json` wrote.
  public init(_ node: JSONNode) throws(InputError) {
    source = try node.required("source").int()
    textCount = try node.required("texts").int()
    candidates = []
    for candidate in try node.required("candidates").elements() {
      candidates.append(try RecountedCandidate(candidate))
    }
    obstacle = try node.optional("obstacle")?.name()
  }
}

extension RecountedCandidate {
  var json: JSONValue {
    ["text": .string(text), "target": .int(target), "before": before.json, "after": after.json]
  }

  init(_ node: JSONNode) throws(InputError) {
    text = try node.required("text").string()
    target = try node.required("target").int()
    before = try Count(node.required("before"))
    after = try Count(node.required("after"))
  }
}
