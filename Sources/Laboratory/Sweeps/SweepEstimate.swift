internal import Files
public import Stages
public import Text

/// What the stages that a sweep has yet to run will cost on a device: their tokens, at the median of
/// the rates of the last stages of the same title, or of any, that the device has done on the same
/// model, since what else it has to do changes; where it has done none, at that of a training step
/// that is timed.
public struct SweepEstimate: Sendable {
  /// What a stage costs.
  public struct Cost: Sendable {
    /// At most, where a stage may end earlier.
    public let effort: StageEffort
    /// Wall time.
    public let seconds: Double
  }

  private let costs: [String: Cost]
  /// Stages whose time is known.
  private let measuredCount: Int
  /// Models of which a step had to be timed, by their names in tables.
  private let timedModels: [String]
  private let device: String
  private let workerCount: Int

  /// What a stage that has yet to run costs.
  public subscript(stage: Stage) -> Cost? { costs[stage.key] }

  /// Of all of them, done side by side.
  public var seconds: Double {
    costs.values.reduce(0) { $0 + $1.seconds } / Double(workerCount)
  }
  /// Of all of them.
  public var tokens: Int { costs.values.reduce(0) { $0 + $1.effort.tokens } }

  /// All of it, and where it is from.
  public var summary: String {
    guard !costs.isEmpty else { return "Nothing remains to be done." }
    var sources: [String] = []
    if measuredCount > 0 {
      sources.append("the time that \(measuredCount) stages of this plan took there")
    }
    if !timedModels.isEmpty {
      sources.append("a training step of \(timedModels.joined(separator: ", ")), timed just now")
    }
    return
      "\(grouped(tokens)) tokens are trained on or read; about \(duration(seconds)) on "
      + (workerCount > 1 ? "\(workerCount) times " : "")
      + "\(device), by \(sources.joined(separator: " and "))."
  }

  /// - Parameters:
  ///   - environment: of each worker.
  ///   - lengths: what is known of the user's texts.
  ///   - time: seconds that training takes for each token of some texts, by the model of a
  ///     directory.
  public init(
    _ schedule: SweepSchedule, on environment: RunEnvironment, workerCount: Int = 1,
    _ lengths: TextLengths,
    time: (_ model: String, _ texts: TextSource) throws -> Double
  ) throws {
    var efforts = Efforts(lengths)
    var done: [(model: Plan.Model, stage: Stage, measured: SweepSchedule.Measured)] = []
    var seen: Set<String> = []
    for cell in schedule.cells {
      for stage in cell.stages.all where seen.insert(stage.key).inserted {
        guard let measured = schedule.measured[stage.key], measured.environment.isAlike(environment)
        else { continue }
        done.append((cell.cell.model, stage, measured))
      }
    }
    var rates: [Rate.Of: Rate] = [:]
    for (model, stage, measured) in done.reversed().sorted(by: { $1.measured.isBefore($0.measured) }
    ) {
      let tokens = try efforts[stage, model.path].trainingTokens
      for (title, most) in [(stage.work.title, 8), (nil, 32)] {
        rates[Rate.Of(model: model.id, title: title), default: Rate()]
          .add(measured.seconds, tokens, unlessThereAre: most)
      }
    }
    measuredCount = done.count
    var timed: [String] = []
    var costs: [String: Cost] = [:]
    for cell in schedule.cells where !cell.isFinished {
      let model = cell.cell.model
      for stage in cell.stages.all
      where costs[stage.key] == nil && !schedule.cachedKeys.contains(stage.key) {
        let effort = try efforts[stage, model.path]
        let general = Rate.Of(model: model.id, title: nil)
        if rates[Rate.Of(model: model.id, title: stage.work.title)] == nil, rates[general] == nil {
          let seconds = try time(model.path, cell.cell.scenario.defenseTrain)
          rates[general] = Rate(perToken: seconds)
          timed.append(model.title)
        }
        let rate = rates[Rate.Of(model: model.id, title: stage.work.title)] ?? rates[general]
        costs[stage.key] = Cost(
          effort: effort, seconds: rate?.seconds(effort.trainingTokens) ?? 0)
      }
    }
    self.costs = costs
    timedModels = timed
    device = environment.device
    self.workerCount = workerCount
  }

  /// Seconds for tokens.
  private struct Rate {
    /// What has it; without a title all stages of a model.
    struct Of: Hashable {
      let model: String
      let title: String?
    }

    private var done: [(seconds: Double, tokens: Double)] = []

    init() {}
    init(perToken seconds: Double) { done = [(seconds, 1)] }

    mutating func add(_ seconds: Double, _ tokens: Double, unlessThereAre most: Int) {
      if done.count < most { done.append((seconds, tokens)) }
    }

    /// By the median, which a stage that was held up for an hour does not move. Work that is not
    /// counted in tokens takes as long as it did.
    func seconds(_ tokens: Double) -> Double {
      let counted = done.filter { $0.tokens > 0 }
      return counted.isEmpty
        ? done.map(\.seconds).median : tokens * counted.map { $0.seconds / $0.tokens }.median
    }
  }

  /// Efforts of stages, each looked up once for all seeds.
  private struct Efforts {
    private let lengths: TextLengths
    private var known: [String: StageEffort] = [:]

    init(_ lengths: TextLengths) { self.lengths = lengths }

    subscript(stage: Stage, model: String) -> StageEffort {
      mutating get throws {
        let key = stage.identityOfAllSeeds + model
        if let effort = known[key] { return effort }
        let effort = try stage.work.effort(StagePreview(stage, lengths, model: model))
        known[key] = effort
        return effort
      }
    }
  }
}

extension Stage {
  /// What tells it from stages that compute as much: its parameters but the seed, and its texts.
  fileprivate var identityOfAllSeeds: String {
    var parameters = work.parameters.object
    parameters?["seed"] = nil
    let texts = inputs.compactMap { input -> String? in
      if case .texts(_, let hash) = input.source { input.name + hash } else { nil }
    }
    return kind + (parameters.map { "\($0)" } ?? "") + texts.joined()
  }
}

extension RunEnvironment {
  /// Whether work takes as long there; threads count on a CPU alone.
  fileprivate func isAlike(_ other: RunEnvironment) -> Bool {
    device == other.device && precision == other.precision
      && (threads == other.threads || !device.hasPrefix("cpu"))
  }
}
