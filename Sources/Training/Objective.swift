public import Files

/// What a training run minimises, how it steps, when it ends and what it moves: one value, and
/// part of the run's identity.
///
/// Plain fine-tuning is `Objective()`: the cross-entropy of one stream, for as many epochs as the
/// settings say.
public struct Objective: Sendable {
  /// Texts that come in batches of their own, one a step, and the loss on them.
  public struct Stream: Sendable {
    /// What rules and data call it.
    public let name: String
    /// Added up to the stream's loss, in order.
    public let terms: [any LossTerm]
    /// Texts a batch; nil: as many as the settings say.
    public let batchSize: Int?

    /// Names a stream; its batches have the settings' size unless told otherwise.
    public init(
      _ name: String, terms: [any LossTerm] = [CrossEntropyTerm()], batchSize: Int? = nil
    ) {
      self.name = name
      self.terms = terms
      self.batchSize = batchSize
    }
  }

  /// At least one. The first one's texts make an epoch; the others begin again when they end.
  public let streams: [Stream]
  /// How the streams' gradients become one.
  public let rule: any StepRule
  /// When the run ends.
  public let stop: StopRule
  /// What it moves.
  public let moves: MovingParameters

  /// An objective of several streams, whose names differ.
  public init(
    streams: [Stream], rule: any StepRule = PlainStep(), stop: StopRule = .epochs,
    moves: MovingParameters = .all
  ) {
    precondition(!streams.isEmpty, "an objective without a stream has nothing to train on")
    precondition(
      Set(streams.map(\.name)).count == streams.count, "two streams have the same name")
    self.streams = streams
    self.rule = rule
    self.stop = stop
    self.moves = moves
  }

  /// An objective of one stream, the training texts.
  public init(
    terms: [any LossTerm] = [CrossEntropyTerm()], stop: StopRule = .epochs,
    moves: MovingParameters = .all
  ) {
    self.init(streams: [Stream("training", terms: terms)], stop: stop, moves: moves)
  }

  /// Cross-entropy, and the norm term if there is one.
  public init(penalty: AttentionPenalty?) {
    self.init(terms: [CrossEntropyTerm()] + (penalty.map { [$0] } ?? []))
  }

  /// Everything that a run's result depends on.
  public var json: JSONValue {
    [
      "streams": .array(streams.map(\.json)), "rule": rule.json, "stop": stop.json,
      "moves": moves.json,
    ]
  }

  /// Whether it is plain fine-tuning, which identities older than the choice do not name.
  public var isPlain: Bool { json == Objective().json }
}

extension Objective.Stream {
  fileprivate var json: JSONValue {
    [
      "name": .string(name), "terms": .array(terms.map(\.json)),
      "batchSize": batchSize.map(JSONValue.int) ?? nil,
    ]
  }
}
