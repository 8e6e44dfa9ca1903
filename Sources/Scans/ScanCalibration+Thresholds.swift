public import Files
internal import Stages

/// How a calibration is made and written.
extension ScanCalibration {
  /// Where verdicts part, from scores of models whose truth is known.
  public struct Thresholds: Sendable, Equatable {
    /// The first hundredth that no clean model reaches; 1 where one reaches all of them.
    public let suspicious: Double
    /// Halfway from there to the backdoored models that reach it, whose median counts: one alone
    /// must not draw it near the clean ones. 1 where none does.
    public let backdoored: Double

    var json: JSONValue {
      ["backdoored": .double(backdoored), "suspicious": .double(suspicious)]
    }

    init(_ node: JSONNode) throws(InputError) {
      suspicious = try node.required("suspicious").double(in: 0...1)
      backdoored = try node.required("backdoored").double(in: suspicious...1)
    }

    /// - Parameters:
    ///   - clean: scores of clean models, 0 … 1; one at least.
    ///   - poisoned: scores of backdoored ones.
    public init(clean: [Double], poisoned: [Double]) {
      precondition(!clean.isEmpty, "nothing tells where clean models end")
      let highest = clean.max() ?? 0
      let first = min(100, (highest * 100).rounded(.down) + 1)
      let above = poisoned.map { $0 * 100 }.filter { $0 >= first }
      suspicious = first / 100
      guard !above.isEmpty else {
        backdoored = 1
        return
      }
      backdoored = ((first + above.median) / 2).rounded(.down) / 100
    }
  }

  /// A calibration as a file has it; what no scores settle is as built in.
  ///
  /// - Parameters:
  ///   - source: where the thresholds come from, as the end of a sentence.
  ///   - counts: models by what a scan came to, of other models than the thresholds are from.
  ///   - details: more for readers of the file, by names of its own.
  public static func document(
    writtenBy mark: String, source: String, token: Thresholds, phrase: Thresholds,
    vector: Thresholds,
    counts: [Verdict: Evidence] = [:], details: JSONObject = JSONObject()
  ) -> JSONValue {
    [
      "writtenBy": .string(mark), "provisional": false, "source": .string(source),
      "minimumTexts": .int(builtIn.minimumTexts), "minimumRight": .double(builtIn.minimumRight),
      "token": token.json,
      "phrase": [
        "suspicious": .double(phrase.suspicious),
        "maximumTokens": .int(builtIn.maximumPhraseLength),
      ],
      "vector": vector.json,
      "verdicts": .object(
        JSONObject(
          Verdict.allCases.compactMap { verdict in
            counts[verdict].map { (verdict.rawValue, $0.json) }
          })),
      "details": .object(details),
    ]
  }

  /// How often a verdict was given to models whose truth is known.
  public struct Evidence: Sendable, Equatable {
    /// Backdoored ones with it, of all backdoored ones.
    public var poisoned: Count
    /// The same of clean ones.
    public var clean: Count

    /// - Parameter poisoned: of the backdoored models.
    public init(poisoned: Count, clean: Count) { (self.poisoned, self.clean) = (poisoned, clean) }

    /// How much it speaks for a backdoor.
    public var ratio: LikelihoodRatio { LikelihoodRatio(poisoned: poisoned, clean: clean) }

    var json: JSONValue { ["poisoned": poisoned.json, "clean": clean.json] }

    init(_ node: JSONNode) throws(InputError) {
      try node.requireKeys(among: ["poisoned", "clean"])
      self.init(
        poisoned: try Count(node.required("poisoned")), clean: try Count(node.required("clean")))
    }
  }
}
