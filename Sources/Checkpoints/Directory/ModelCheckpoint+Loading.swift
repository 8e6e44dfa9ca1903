public import Files

extension ModelCheckpoint {
  /// What a model is read for.
  public enum Purpose: Sendable {
    /// To classify with the head that it has; a model without one is read as an encoder.
    case classifying
    /// To put a fresh head on its encoder. What head it has, if any, does not matter.
    case freshClassifier
  }

  /// Reads a Hugging Face model directory.
  ///
  /// Every tensor is accounted for by name and shape before any data is read: a missing one, an
  /// unknown one and one of the wrong shape are errors. Nothing in the directory is executed.
  ///
  /// - Throws: `InputError` that names file, place and remedy; of kind `unsafeInput` for a pickle.
  public static func load(
    directory: String, for purpose: Purpose = .classifying
  ) throws(InputError) -> ModelCheckpoint {
    let contents = try DirectoryContents(directory, purpose)
    let configuration = contents.configuration
    var checkpoint = ModelCheckpoint(
      configuration: configuration, classifierKind: contents.classifier, parameters: [:])
    for (name, place) in contents.parameters {
      checkpoint.parameters[name] = try place.file.tensor(place.description.name)
    }
    for (name, place) in contents.handedOn {
      checkpoint.passthrough[name] = try place.file.tensor(place.description.name)
    }
    if contents.classifier == .linear { try checkpoint.readLinearHead(directory) }
    checkpoint.provenance = try contents.own?.object() ?? JSONObject()
    checkpoint.sourceDirectory = directory
    for name in DirectoryLayout.tokenizerFiles {
      let path = Path.join(directory, name)
      guard Path.isFile(path) else { continue }
      checkpoint.tokenizerFiles[name] = try ByteFile.contents(of: path, limit: 1 << 28)
    }
    checkpoint.license = SourceCard(directory).license
    checkpoint.sourceConfiguration = try contents.config.object()
    checkpoint.notes = contents.notes
    if let node = try contents.own?.optional(DirectoryLayout.prunedHeadsKey) {
      checkpoint.prunedHeads = try PrunedHeads.read(node, configuration)
      try PrunedHeads.requireZeros(checkpoint, node)
    }
    return checkpoint
  }

  /// What `notes` would say of a directory, found without reading any weights.
  ///
  /// - Throws: `InputError` as `load` does, but for what only weights can tell.
  public static func notes(
    onDirectory directory: String, for purpose: Purpose
  ) throws(InputError) -> [String] {
    try DirectoryContents(directory, purpose).notes
  }

  private mutating func readLinearHead(_ directory: String) throws(InputError) {
    let file = try SafetensorsFile(Path.join(directory, DirectoryLayout.linearHead))
    let table = ParameterTable(configuration, classifier: .linear).parameters.filter {
      !$0.isInEncoder
    }
    var inventory = TensorInventory(
      file.tensors.map { TensorFiles.Located(file: file, description: $0) }, configuration.family)
    for (parameter, place) in zip(table, try inventory.claim(table)) {
      parameters[parameter.name] = try place.file.tensor(place.description.name)
    }
    try inventory.requireEmpty()
  }
}
