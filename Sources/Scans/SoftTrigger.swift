public import Files

/// What the inversion by gradient found for texts of one class to go to another.
public struct SoftTrigger: Sendable, Equatable {
  /// Class of the texts.
  public var source: Int
  /// Class that they go to.
  public var target: Int
  /// Mean cross-entropy of the target, in nats, that mixtures of tokens reached in texts of the
  /// search; nil where nothing was looked at.
  public var softLoss: Double?
  /// The tokens that the mixtures came to, with the same for single tokens in `loss`.
  public var candidate: Candidate?
  /// Mean cross-entropy of the target with those tokens.
  public var loss: Double?
  /// Why nothing was looked at.
  public var obstacle: ClassScan.Obstacle?

  init(source: Int, target: Int) { (self.source, self.target) = (source, target) }
}

extension SoftTrigger {
  /// As JSON.
  public var json: JSONValue {
    [
      "source": .int(source), "target": .int(target),
      "softLoss": softLoss.map(JSONValue.double) ?? .null,
      "candidate": candidate?.json ?? .null, "loss": loss.map(JSONValue.double) ?? .null,
      "obstacle": obstacle.map { .string($0.rawValue) } ?? .null,
    ]
  }

  /// Reads what `json` wrote.
  public init(_ node: JSONNode) throws(InputError) {
    source = try node.required("source").int()
    target = try node.required("target").int()
    softLoss = try node.optional("softLoss")?.double()
    candidate = try node.optional("candidate").map { node throws(InputError) in
      try Candidate(node)
    }
    loss = try node.optional("loss")?.double()
    obstacle = try node.optional("obstacle")?.name()
  }
}
