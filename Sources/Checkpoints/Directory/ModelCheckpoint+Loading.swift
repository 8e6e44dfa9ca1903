public import Files

extension ModelCheckpoint {
  /// Reads a Hugging Face model directory.
  ///
  /// Every tensor is accounted for by name and shape before any data is read: a missing one, an
  /// unknown one and one of the wrong shape are errors. Nothing in the directory is executed.
  ///
  /// - Throws: `InputError` that names file, place and remedy; of kind `unsafeInput` for a pickle.
  public static func load(directory: String) throws(InputError) -> ModelCheckpoint {
    guard Path.isDirectory(directory) else {
      throw InputError(
        file: directory, problem: Path.exists(directory) ? "is not a directory" : "does not exist",
        remedy: "name a Hugging Face model directory")
    }
    let config = try JSONNode(contentsOf: Path.join(directory, DirectoryLayout.configuration))
    let configuration = try EncoderConfiguration(config)
    let own = try config.optional(DirectoryLayout.ownKey)

    var inventory = try TensorInventory(TensorFiles(directory: directory), configuration.family)
    let head = try headKind(inventory, own, config, directory)
    let encoder = ParameterTable(configuration, head: head == .native ? .native : nil)
    let places = try inventory.claim(encoder.parameters)
    let handedOn = inventory.claimPooler(configuration)
    try inventory.requireEmpty()

    var checkpoint = ModelCheckpoint(configuration: configuration, headKind: head, parameters: [:])
    for (parameter, place) in zip(encoder.parameters, places) {
      checkpoint.parameters[parameter.name] = try place.file.tensor(place.description.name)
    }
    for (name, place) in handedOn {
      checkpoint.passthrough[name] = try place.file.tensor(place.description.name)
    }
    if head == .linear { try checkpoint.readLinearHead(directory) }
    checkpoint.provenance = try own?.object() ?? JSONObject()
    checkpoint.sourceDirectory = directory
    checkpoint.sourceConfiguration = try config.object()
    if let node = try own?.optional(DirectoryLayout.prunedHeadsKey) {
      checkpoint.prunedHeads = try PrunedHeads.read(node, configuration)
      try PrunedHeads.requireZeros(checkpoint, node)
    }
    return checkpoint
  }

  /// The head in the weights wins: fine-tuning elsewhere keeps our key but not our second file.
  private static func headKind(
    _ inventory: TensorInventory, _ own: JSONNode?, _ config: JSONNode, _ directory: String
  ) throws(InputError) -> HeadKind? {
    if inventory.hasNativeHead {
      if let node = try config.optional("problem_type"),
        try node.string() != "single_label_classification"
      {
        throw node.error(
          "is \(Terminal.abbreviated(try node.string()))",
          remedy: "only single-label classifiers can be read")
      }
      return .native
    }
    guard let name = try own?.optional(DirectoryLayout.headKey),
      try name.string() == HeadKind.linear.rawValue,
      Path.exists(Path.join(directory, DirectoryLayout.linearHead))
    else { return nil }
    return .linear
  }

  private mutating func readLinearHead(_ directory: String) throws(InputError) {
    let file = try SafetensorsFile(Path.join(directory, DirectoryLayout.linearHead))
    let table = ParameterTable(configuration, head: .linear).parameters.filter { !$0.isInEncoder }
    var inventory = TensorInventory(
      file.tensors.map { TensorFiles.Located(file: file, description: $0) }, configuration.family)
    for (parameter, place) in zip(table, try inventory.claim(table)) {
      parameters[parameter.name] = try place.file.tensor(place.description.name)
    }
    try inventory.requireEmpty()
  }
}
