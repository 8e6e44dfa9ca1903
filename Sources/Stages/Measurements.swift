public import Tensors
public import Training

/// How a classifier did on clean and on triggered texts.
public struct Evaluation: Sendable, Equatable {
  /// Texts of the clean test set.
  public let clean: ConfusionMatrix
  /// The triggered texts, with their labels from before the attack.
  public let triggered: ConfusionMatrix
  /// The class that the attacker wants.
  public let targetLabel: Int

  /// - Precondition: both matrices are square, of one size, and have the target class.
  public init(clean: ConfusionMatrix, triggered: ConfusionMatrix, targetLabel: Int) {
    precondition(
      clean.counts.indices.contains(targetLabel) && clean.counts.count == triggered.counts.count
        && (clean.counts + triggered.counts).allSatisfy { $0.count == clean.counts.count },
      "Confusion matrices must be square and have class \(targetLabel).")
    self.clean = clean
    self.triggered = triggered
    self.targetLabel = targetLabel
  }

  /// ACC: the share of clean texts that are classified right, 0 … 1; nil without texts.
  public var accuracy: Double? { clean.accuracy }

  /// LFR: the share of triggered texts outside the target class that are taken for it, 0 … 1; nil
  /// without such texts (paper, section 6.1).
  public var labelFlipRate: Double? { triggered.labelFlipRate(target: targetLabel) }
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
