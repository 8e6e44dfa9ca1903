public import Files

extension ModelCheckpoint {
  /// Writes a model directory that stock transformers loads: as `AutoModel`, or with a native head
  /// as `AutoModelForSequenceClassification`.
  ///
  /// The directory appears complete or not at all. Shapes stay as they were: pruned heads become
  /// zeros. Tokenizer files are those that the source had when it was read, byte for byte.
  ///
  /// - Parameters:
  ///   - directory: must not exist or be empty, and not be the source.
  ///   - weights: how the numbers are stored.
  ///   - provenance: what was done, added to what the source tells under `pure` in `config.json`.
  ///   - card: what `README.md` says.
  ///   - finish: is told where the files are before they appear; what it writes elsewhere is there
  ///     when they are.
  /// - Throws: `InputError` if the place is taken, the disk refuses, or a number does not fit.
  public func write(
    to directory: String, weights: WeightType = .float32, provenance: JSONObject = JSONObject(),
    card: ModelCard, finish: (_ files: String) throws(InputError) -> Void = { _ in }
  ) throws(InputError) {
    if let sourceDirectory, Path.isSame(sourceDirectory, directory) {
      throw InputError(
        .usage, file: directory, problem: "is the directory that the model was read from",
        remedy: "choose another output directory")
    }
    let output = try AtomicDirectory(directory)
    for (name, bytes) in tokenizerFiles { try output.write(bytes, as: name) }
    let config = exportedConfiguration(weights, provenance)
    try output.write(
      JSONValue.object(config).serialized(.pretty) + [0x0A], as: DirectoryLayout.configuration)
    try writeWeights(output, weights)
    if classifierKind == .linear { try writeLinearHead(output, weights) }
    try output.write(
      Array(card.text(for: self, weights: weights).utf8), as: DirectoryLayout.card)
    try finish(output.partialPath)
    try output.commit()
  }

  private func exportedConfiguration(
    _ weights: WeightType, _ addition: JSONObject
  ) -> JSONObject {
    var config = configuration.merged(
      into: sourceConfiguration, hasNativeHead: classifierKind == .native, weights: weights)
    var own = provenance
    for member in addition.members { own[member.key] = member.value }
    own[DirectoryLayout.headKey] = classifierKind.map { .string($0.rawValue) }
    own[DirectoryLayout.prunedHeadsKey] = PrunedHeads.json(prunedHeads)
    config[DirectoryLayout.ownKey] = .object(own)
    return config
  }

  private func writeWeights(_ output: AtomicDirectory, _ type: WeightType) throws(InputError) {
    let isNative = classifierKind == .native
    let prefix = isNative ? HubNames(configuration.family).prefix : ""
    var tensors: [(name: String, tensor: HostTensor)] = []
    for parameter in ParameterTable(configuration, classifier: isNative ? .native : nil).parameters
    {
      let name = parameter.isInEncoder ? prefix + parameter.hubName : parameter.hubName
      tensors.append((name, exported(parameter)))
    }
    if !isNative {
      for (name, tensor) in passthrough.sorted(by: { $0.key < $1.key }) {
        tensors.append((name, tensor))
      }
    }
    var writer = try SafetensorsWriter(
      output.file(DirectoryLayout.weights), tensors: tensors.map { ($0.name, $0.tensor.shape) },
      type: type)
    for (_, tensor) in tensors { try writer.write(tensor) }
    try writer.commit()
  }

  private func writeLinearHead(_ output: AtomicDirectory, _ type: WeightType) throws(InputError) {
    let table = ParameterTable(configuration, classifier: .linear).parameters.filter {
      !$0.isInEncoder
    }
    var writer = try SafetensorsWriter(
      output.file(DirectoryLayout.linearHead), tensors: table.map { ($0.hubName, $0.shape) },
      type: type)
    for parameter in table { try writer.write(exported(parameter)) }
    try writer.commit()
  }

  private func exported(_ parameter: ParameterSpecification) -> HostTensor {
    guard let tensor = PrunedHeads.exported(self, parameter.name) else {
      preconditionFailure("the checkpoint has no parameter \(parameter.name)")
    }
    precondition(
      tensor.shape == parameter.shape,
      "\(parameter.name) has the shape \(tensor.shape), not \(parameter.shape)")
    return tensor
  }
}
