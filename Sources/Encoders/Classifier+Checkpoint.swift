public import Checkpoints
internal import Files
public import Tensors

/// Classifiers from checkpoints and back.
extension Classifier {
  /// The classifier that a checkpoint holds.
  ///
  /// - Throws: `InputError` when it holds an encoder alone; `DeviceError` when the device has no room.
  public init(_ checkpoint: ModelCheckpoint, on backend: any Backend) throws {
    guard let head = checkpoint.classifierKind else {
      throw InputError(
        file: checkpoint.sourceDirectory, problem: "holds an encoder without a classifier head",
        remedy: "train one first with `pure finetune` or `pure defend`")
    }
    try self.init(checkpoint, classifier: head, on: backend)
  }

  /// The checkpoint's encoder with a fresh head of `labels`, whose weights are drawn from `seed`.
  ///
  /// The linear head starts as the paper's code has it (torch.nn.Linear: uniform within 1 / √hiddenSize), a native
  /// one as Hugging Face does (normal of `initializerRange`, biases zero).
  ///
  /// - Throws: `DeviceError` when the device has no room.
  public init(
    _ checkpoint: ModelCheckpoint, freshClassifier head: ClassifierKind, labels: [String],
    seed: UInt64,
    on backend: any Backend
  ) throws {
    var checkpoint = checkpoint
    checkpoint.configuration.labels = labels
    try self.init(checkpoint, classifier: head, on: backend)
    var random = Philox(seed: seed, stream: Self.headStream)
    for slot in parameters.layout.slots where slot.isInHead {
      try parameters[slot.name].write(
        slot.initialValues(head, configuration, &random))
    }
  }

  /// An encoder and head of random weights, for benchmarks and tests that need no meaning.
  public init(
    random configuration: EncoderConfiguration, classifier head: ClassifierKind, seed: UInt64,
    on backend: any Backend
  ) throws {
    let parameters = try ParameterBlock(
      ParameterLayout(configuration, classifier: head), areFactors: true, on: backend)
    var random = Philox(seed: seed, stream: Self.headStream)
    for slot in parameters.layout.slots {
      let isScale = slot.name.contains("norm") && slot.name.hasSuffix("weight")
      try parameters[slot.name].write(
        isScale
          ? Array(repeating: 1, count: slot.count)
          : slot.initialValues(.native, configuration, &random))
    }
    self.init(configuration, classifier: head, parameters: parameters)
  }

  /// The parameters as host arrays, with what `source` hands on and which heads are pruned.
  public func checkpoint(source: ModelCheckpoint, prunedHeads: [[Int]]) throws -> ModelCheckpoint {
    var arrays: [String: HostTensor] = [:]
    for slot in parameters.layout.slots {
      arrays[slot.name] = HostTensor(
        shape: slot.shape, values: try parameters[slot.name].hostFloats())
    }
    return ModelCheckpoint(
      configuration: configuration, classifierKind: classifierKind, parameters: arrays,
      prunedHeads: prunedHeads, source: source)
  }

  private static let headStream: UInt64 = 0x6865_6164

  private init(
    _ checkpoint: ModelCheckpoint, classifier head: ClassifierKind, on backend: any Backend
  ) throws {
    let parameters = try ParameterBlock(
      ParameterLayout(checkpoint.configuration, classifier: head), areFactors: true, on: backend)
    for slot in parameters.layout.slots {
      guard let tensor = checkpoint.parameters[slot.name] else {
        precondition(slot.isInHead, "the checkpoint has no parameter \(slot.name)")
        continue
      }
      // A stored head of another number of classes is about to be replaced by a fresh one.
      if slot.isInHead && tensor.shape != slot.shape { continue }
      try parameters[slot.name].write(tensor.values)
    }
    self.init(checkpoint.configuration, classifier: head, parameters: parameters)
  }
}

extension ModelCheckpoint {
  /// The same model without its head: what an attacker hands on, and what a defence starts from.
  public var encoder: ModelCheckpoint {
    var encoder = self
    encoder.classifierKind = nil
    encoder.parameters = parameters.filter { !$0.key.hasPrefix("head.") }
    return encoder
  }
}

extension ParameterLayout.Slot {
  fileprivate var isInHead: Bool { name.hasPrefix("head.") }

  fileprivate func initialValues(
    _ head: ClassifierKind, _ configuration: EncoderConfiguration, _ random: inout Philox
  ) -> [Float] {
    switch head {
    case .linear:
      let bound = 1 / Double(configuration.hiddenSize).squareRoot()
      return (0..<count).map { _ in Float((2 * random.uniform() - 1) * bound) }
    case .native:
      guard name.hasSuffix("weight") else { return Array(repeating: 0, count: count) }
      return (0..<count).map { _ in Float(random.normal() * configuration.initializerRange) }
    }
  }
}
