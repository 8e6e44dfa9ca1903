public import Encoders
public import Files

/// When a run ends.
public enum StopRule: Sendable {
  /// After as many epochs as the settings say.
  case epochs
  /// After so many steps, at least 1, whatever the settings say about epochs.
  case steps(Int)
  /// When a measured quantity is small enough.
  case measured(MeasuredStop)

  /// Its kind and settings.
  var json: JSONValue {
    switch self {
    case .epochs: ["kind": "epochs"]
    case .steps(let count): ["kind": "steps", "count": .int(count)]
    case .measured(let stop): stop.json
    }
  }

  /// Steps of a run, or the most of them.
  func stepCount(stepsPerEpoch: Int, epochs: Int) -> Int {
    switch self {
    case .epochs: stepsPerEpoch * epochs
    case .steps(let count): count
    case .measured(let stop): stop.stepLimit
    }
  }

  /// Whether what was measured last ends the run.
  func isReached(by curve: [MeasuredPoint]) -> Bool {
    guard case .measured(let stop) = self, let last = curve.last else { return false }
    return last.value <= stop.threshold
  }
}

/// Ends a run as soon as a quantity is at most a threshold.
public struct MeasuredStop: Sendable {
  /// What is measured, on the validation texts.
  public let quantity: any Quantity
  /// The value that is small enough.
  public let threshold: Double
  /// Steps from one measurement to the next.
  public let interval: Int
  /// Steps after which the run ends whatever was measured; the learning rate falls over as many.
  public let stepLimit: Int

  /// Measures after every `interval` steps and after the last.
  public init(_ quantity: any Quantity, atMost threshold: Double, every interval: Int, limit: Int) {
    precondition(interval > 0 && limit > 0, "a run is measured after a positive number of steps")
    self.quantity = quantity
    self.threshold = threshold
    self.interval = interval
    stepLimit = limit
  }

  func isDue(after stepCount: Int) -> Bool {
    stepCount.isMultiple(of: interval) || stepCount == stepLimit
  }

  fileprivate var json: JSONValue {
    [
      "kind": "measured", "quantity": quantity.json, "threshold": .double(threshold),
      "interval": .int(interval), "stepLimit": .int(stepLimit),
    ]
  }
}

/// Something that is measured of a model while it is trained.
public protocol Quantity: Sendable {
  /// Its kind and settings: part of a run's identity.
  var json: JSONValue { get }
  /// Its value, dropout off.
  ///
  /// - Throws: `Interruption` when cancelled, and what the model throws.
  func value(
    of model: Classifier, on texts: EvaluationSet, headMask: HeadMask?, isCancelled: () -> Bool
  ) throws -> Double
}

/// One value of a measured quantity.
public struct MeasuredPoint: Sendable, Equatable {
  /// Steps that were done.
  public var step: Int
  /// What was measured after them.
  public var value: Double
}
