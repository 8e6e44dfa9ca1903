internal import Files
public import Settings
internal import Text

/// How an attack draws the texts that it poisons, and orders all that is trained on.
public enum PoisonSampling: String, CaseIterable, Sendable {
  /// By Pure's own generator and the run's seed.
  case native
  /// As pandas' `sample` does, as PURE's `generate_poisoned_data.py` calls it with the run's seed.
  case pandas
  /// The same with the seed of PURE's released files, 11, whatever the run's: all runs are poisoned
  /// alike.
  case released
}

/// An attack that poisons a share of the training texts.
public protocol SamplingAttack: Attack {
  /// How they are drawn.
  var sampling: PoisonSampling { get set }
}

extension SamplingAttack {
  /// The released code has read released files.
  public mutating func follow(_ recipe: Recipe) {
    sampling =
      switch recipe {
      case .paper: .native
      case .reference: .released
      }
  }
}

extension Setting where Root: SamplingAttack {
  /// How the texts are drawn.
  public static var sampling: Setting {
    .choice(
      "sampling", \Root.sampling, omitting: .native,
      "How poisoned texts are drawn and all are ordered: in Pure's own way, as pandas does, or as "
        + "in PURE's released files whatever the seed.")
  }
}

/// The draws of one poisoned training set, in the order in which they are made.
struct PoisonDraw {
  /// For all that pandas does not draw: words and places. Those of the released files follow from
  /// texts of other data sets, through which Python's generator went before.
  var generator: SeededGenerator
  /// The seed of pandas' fresh generators; nil where it draws nothing.
  private let randomState: UInt32?

  /// - Throws: `InputError` where pandas does not take the seed.
  init(_ sampling: PoisonSampling, seed: UInt64) throws(InputError) {
    let seed = sampling == .released ? 11 : seed
    generator = SeededGenerator(seed: seed, for: .poisonedTraining)
    guard sampling != .native else {
      randomState = nil
      return
    }
    guard let state = UInt32(exactly: seed) else {
      throw InputError(
        .usage, problem: "the seed \(seed) is none that pandas takes",
        remedy: "take one below 2^32, or another sampling")
    }
    randomState = state
  }

  /// The number of texts that a share comes to. Python rounds halves to even numbers.
  func count(_ share: Double, of count: Int) -> Int {
    Int(
      (share * Double(count)).rounded(
        randomState == nil ? .toNearestOrAwayFromZero : .toNearestOrEven))
  }

  /// So many of the candidates, in random order.
  mutating func sample(_ count: Int, of candidates: [Int]) -> [Int] {
    sample(count, below: candidates.count).map { candidates[$0] }
  }

  /// The texts in random order.
  mutating func ordered(_ examples: [Example]) -> [Example] {
    guard randomState != nil else { return generator.shuffled(examples) }
    return sample(examples.count, below: examples.count).map { examples[$0] }
  }

  private mutating func sample(_ count: Int, below bound: Int) -> [Int] {
    guard let randomState else { return generator.sample(count, below: bound) }
    var fresh = RandomState(seed: randomState)
    return fresh.sample(count, below: bound)
  }
}
