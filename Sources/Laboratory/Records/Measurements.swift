public import Tensors

/// How a classifier did on clean and on triggered texts.
public struct Evaluation: Hashable, Sendable {
  /// Texts of the clean test set by true class (rows) and predicted class (columns).
  public let clean: [[Int]]
  /// The same for the triggered texts; rows are the labels from before the attack.
  public let triggered: [[Int]]
  /// The class that the attacker wants.
  public let targetLabel: Int

  /// - Precondition: both matrices are square, of one size, and have the target class.
  public init(clean: [[Int]], triggered: [[Int]], targetLabel: Int) {
    precondition(
      clean.indices.contains(targetLabel) && clean.count == triggered.count
        && (clean + triggered).allSatisfy { $0.count == clean.count },
      "Confusion matrices must be square and have class \(targetLabel).")
    self.clean = clean
    self.triggered = triggered
    self.targetLabel = targetLabel
  }

  /// ACC: the share of clean texts that are classified right, 0 … 1; not a number without texts.
  public var accuracy: Double {
    let right = clean.indices.reduce(0) { $0 + clean[$1][$1] }
    return Double(right) / Double(clean.joined().reduce(0, +))
  }

  /// LFR: the share of triggered texts outside the target class that are taken for it, 0 … 1; not a
  /// number without such texts (paper, section 6.1).
  public var labelFlipRate: Double {
    let victims = triggered.indices.filter { $0 != targetLabel }.map { triggered[$0] }
    let flipped = victims.reduce(0) { $0 + $1[targetLabel] }
    return Double(flipped) / Double(victims.joined().reduce(0, +))
  }
}

/// What is known about the attention heads, and which of them were removed.
public struct HeadReport: Hashable, Sendable {
  /// Variance scores, layers × heads.
  public let scores: [[Double]]
  /// Removed heads by layer, counted from 0.
  public let pruned: [[Int]]

  /// - Precondition: as many lists as layers, and heads that are there.
  public init(scores: [[Double]], pruned: [[Int]]) {
    precondition(
      scores.count == pruned.count
        && zip(scores, pruned).allSatisfy { scores, heads in
          heads.allSatisfy(scores.indices.contains)
        }, "Pruned heads must be among the \(scores.count) layers' heads.")
    self.scores = scores
    self.pruned = pruned
  }

  /// Removed heads of all layers.
  public var prunedCount: Int { pruned.reduce(0) { $0 + $1.count } }
  /// Heads of all layers, removed ones included.
  public var headCount: Int { scores.reduce(0) { $0 + $1.count } }
}

/// One epoch of a training run.
public struct EpochSummary: Hashable, Sendable {
  /// Mean loss over the epoch's steps.
  public let loss: Double
  /// 0 … 1; nothing where nothing was validated.
  public let validationAccuracy: Double?

  /// What is known of one epoch.
  public init(loss: Double, validationAccuracy: Double? = nil) {
    self.loss = loss
    self.validationAccuracy = validationAccuracy
  }
}

/// Where and with what a stage was run.
public struct RunEnvironment: Hashable, Sendable {
  /// For example "cpu (AMD EPYC, AVX-512)" or "cuda:0 (NVIDIA RTX 3090)".
  public let device: String
  /// CPU threads.
  public let threads: Int
  /// How products and attention rounded.
  public let precision: Precision
  /// The program's version.
  public let version: String
  /// Libraries in use with their versions, for example "OpenBLAS 0.3.21".
  public let libraries: [String]

  /// What a run depends on besides its settings.
  public init(
    device: String, threads: Int, precision: Precision, version: String, libraries: [String]
  ) {
    self.device = device
    self.threads = threads
    self.precision = precision
    self.version = version
    self.libraries = libraries
  }
}
