public import Files
public import Tensors

/// What one epoch came to.
public struct EpochRecord: Sendable, Equatable {
  /// From 1.
  public var epoch: Int
  /// Mean training loss of its steps, all terms added up.
  public var loss: Double
  /// Accuracy on the validation texts after it; nil without any.
  public var validationAccuracy: Double?
  /// Seconds of training, validation apart.
  public var seconds: Double
  /// Of those, seconds of packing and uploading batches.
  public var dataSeconds: Double
  /// Tokens of training text a second.
  public var tokensPerSecond: Double
}

/// What a finished run reports.
public struct TrainingReport: Sendable, Equatable {
  /// One record an epoch.
  public var epochs: [EpochRecord] = []
  /// The epoch whose parameters the model holds, from 1; 0 when nothing was trained.
  public var selectedEpoch = 0
  /// The epoch that was kept; nil before the first one has ended.
  public var selected: EpochRecord? {
    epochs.indices.contains(selectedEpoch - 1) ? epochs[selectedEpoch - 1] : nil
  }
  /// What the stop rule measured, in order.
  public var curve: [MeasuredPoint] = []
  /// How batches were cut that the device had no room for; nil: none was.
  public var cut: BatchCut?

  /// How products and attention rounded.
  public var precision: Precision

  /// Nothing trained yet.
  public init(precision: Precision = .fp32) { self.precision = precision }

  /// Seconds of training in all.
  public var seconds: Double { epochs.map(\.seconds).reduce(0, +) }
  /// Of those, seconds of packing and uploading batches.
  public var dataSeconds: Double { epochs.map(\.dataSeconds).reduce(0, +) }

  /// As JSON, exact to the last bit of every number.
  public var json: JSONValue {
    var json = JSONObject([
      ("selectedEpoch", .int(selectedEpoch)), ("precision", .string(precision.rawValue)),
      ("cut", cut?.json ?? nil),
      (
        "epochs",
        .array(
          epochs.map { record in
            [
              "epoch": .int(record.epoch), "loss": .double(record.loss),
              "validationAccuracy": record.validationAccuracy.map(JSONValue.double) ?? nil,
              "seconds": .double(record.seconds), "dataSeconds": .double(record.dataSeconds),
              "tokensPerSecond": .double(record.tokensPerSecond),
            ]
          })
      ),
    ])
    if !curve.isEmpty {
      json["curve"] = .array(
        curve.map { ["step": .int($0.step), "value": .double($0.value)] })
    }
    return .object(json)
  }

  /// What `json` wrote; without a precision, a version that had fp32 alone. Most runs have no
  /// curve.
  public init(_ node: JSONNode) throws(InputError) {
    let name = try node.optional("precision")?.string() ?? Precision.fp32.rawValue
    guard let precision = Precision(rawValue: name) else {
      throw node.error(
        "has the unknown precision \(name)", remedy: "use the version that wrote it")
    }
    self.precision = precision
    cut = try node.optional("cut").map { node throws(InputError) in try BatchCut(node) }
    for point in try node.optional("curve")?.elements() ?? [] {
      curve.append(
        MeasuredPoint(
          step: try point.required("step").int(), value: try point.required("value").double()))
    }
    for record in try node.required("epochs").elements() {
      epochs.append(
        EpochRecord(
          epoch: try record.required("epoch").int(), loss: try record.required("loss").double(),
          validationAccuracy: try record.optional("validationAccuracy")?.double(),
          seconds: try record.required("seconds").double(),
          dataSeconds: try record.required("dataSeconds").double(),
          tokensPerSecond: try record.required("tokensPerSecond").double()))
    }
    selectedEpoch = try node.required("selectedEpoch").int(
      in: min(1, epochs.count)...epochs.count)
  }
}
