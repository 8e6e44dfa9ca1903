import Files

/// What a model directory holds and where, found out before any weights are read.
struct DirectoryContents {
  let config: JSONNode
  /// Our own key in `config`.
  let own: JSONNode?
  let configuration: EncoderConfiguration
  let classifier: ClassifierKind?
  /// By our names.
  let parameters: [(name: String, place: TensorFiles.Located)]
  /// By Hugging Face's names.
  let handedOn: [(name: String, place: TensorFiles.Located)]
  let notes: [String]

  init(_ directory: String, _ purpose: ModelCheckpoint.Purpose) throws(InputError) {
    guard Path.isDirectory(directory) else {
      throw InputError(
        file: directory, problem: Path.exists(directory) ? "is not a directory" : "does not exist",
        remedy: "name a Hugging Face model directory")
    }
    try LinkedFiles.refuseForeign(in: directory)
    let configFile = Path.join(directory, DirectoryLayout.configuration)
    // Weights as their authors published them, before Hugging Face's files, lack this one too.
    if !Path.exists(configFile) { try ForeignWeights.refuse(in: directory) }
    config = try JSONNode(contentsOf: configFile)
    own = try config.optional(DirectoryLayout.ownKey)
    var configuration = try EncoderConfiguration(encoderOf: config)
    let files = try TensorFiles(directory: directory, config: config)
    var inventory = try TensorInventory(files, configuration.family)
    var notes: [String] = []
    switch purpose {
    case .classifying:
      let labels = try LabelList(config, outputCount: inventory.outputCount)
      configuration.labels = labels.names
      if let id = labels.unnamed.first {
        notes.append(
          "\(configFile): id2label names no label \(id), which is called LABEL_\(id) here")
      }
      classifier = try Self.classifierKind(inventory, own, config, directory)
    case .freshClassifier: classifier = nil
    }

    let table = ParameterTable(configuration, classifier: classifier == .native ? .native : nil)
      .parameters
    parameters = zip(table.map(\.name), try inventory.claim(table)).map { ($0, $1) }
    handedOn = inventory.claimPooler(configuration)
    if purpose == .freshClassifier, let names = inventory.leaveAside() {
      notes.append("\(directory): a fresh head is put on; left aside: \(names)")
    }
    try inventory.requireEmpty()
    self.configuration = configuration
    self.notes = notes
  }

  /// The head in the weights wins: fine-tuning elsewhere keeps our key but not our second file.
  private static func classifierKind(
    _ inventory: TensorInventory, _ own: JSONNode?, _ config: JSONNode, _ directory: String
  ) throws(InputError) -> ClassifierKind? {
    if inventory.outputCount != nil {
      try requireClassifier(config)
      return .native
    }
    guard let name = try own?.optional(DirectoryLayout.headKey),
      try name.string() == ClassifierKind.linear.rawValue,
      Path.exists(Path.join(directory, DirectoryLayout.linearHead))
    else { return nil }
    return .linear
  }

  /// Other heads may have the same tensors, and would be taken for classifiers of texts.
  private static func requireClassifier(_ config: JSONNode) throws(InputError) {
    if let node = try config.optional("problem_type"),
      try node.string() != "single_label_classification"
    {
      throw node.error(
        "is \(Terminal.abbreviated(try node.string()))",
        remedy: "only single-label classifiers can be read; \(TensorInventory.freshHeadRemedy)")
    }
    let architecture = config.value["architectures"]?.array?.first?.string ?? ""
    if ["ForTokenClassification", "ForMultipleChoice"].contains(where: architecture.hasSuffix) {
      throw config.error(
        "says that the head is that of \(Terminal.abbreviated(architecture)), which classifies no "
          + "texts",
        remedy: TensorInventory.freshHeadRemedy)
    }
  }
}
