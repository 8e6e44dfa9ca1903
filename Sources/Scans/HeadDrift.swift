public import Files
internal import Stages

/// How unevenly each head's [CLS] attends in clean texts of a class, and in the same with the best
/// candidate that a scan found in them: an explanation, which has no part in the verdict (paper
/// section 5.1 and Figure 2).
public struct HeadDrift: Sendable, Equatable {
  /// Class of the texts.
  public var source: Int
  /// Class that the candidate sends them to.
  public var target: Int
  /// As a text spells it.
  public var candidate: String
  /// Texts that it flips of those that were read.
  public var flips: Count
  /// Variance scores of the clean texts, layers × heads.
  public var clean: [[Double]]
  /// The same with the candidate.
  public var bearing: [[Double]]

  /// A head and what the candidate does to its score.
  public struct Head: Sendable, Equatable {
    /// From 0.
    public let layer: Int
    /// From 0.
    public let head: Int
    /// Its score in clean texts.
    public let clean: Double
    /// With the candidate.
    public let bearing: Double
    var drift: Double { bearing - clean }
  }

  /// Heads by the size of their drift, largest first; equals in the order of layer and head.
  public var heads: [Head] {
    let all = clean.indices.flatMap { layer in
      clean[layer].indices.map { head in
        Head(
          layer: layer, head: head, clean: clean[layer][head], bearing: bearing[layer][head])
      }
    }
    return all.enumerated().sorted {
      (-abs($0.element.drift), $0.offset) < (-abs($1.element.drift), $1.offset)
    }.map(\.element)
  }
}

extension HeadDrift {
  /// As JSON.
  public var json: JSONValue {
    [
      "source": .int(source), "target": .int(target), "candidate": .string(candidate),
      "flips": flips.json, "clean": .matrix(clean), "bearing": .matrix(bearing),
    ]
  }

  /// Reads what `json` wrote.
  public init(_ node: JSONNode) throws(InputError) {
    func scores(_ node: JSONNode) throws(InputError) -> [[Double]] {
      try node.matrix { score throws(InputError) in try score.double() }
    }
    source = try node.required("source").int()
    target = try node.required("target").int()
    candidate = try node.required("candidate").string()
    flips = try Count(node.required("flips"))
    clean = try scores(node.required("clean"))
    bearing = try scores(node.required("bearing"))
    guard bearing.map(\.count) == clean.map(\.count) else {
      throw node.error("scores other heads with the candidate", remedy: "run the scan again")
    }
  }
}
