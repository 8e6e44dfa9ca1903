import Files

/// The tensors of a directory that nobody has asked for yet, under their names without prefix.
struct TensorInventory {
  private var rest: [String: TensorFiles.Located] = [:]
  private var order: [String] = []
  private let names: HubNames
  private let firstFile: String
  /// Two spellings of one parameter, found before anything is claimed.
  private var ambiguous: TensorFiles.Located?

  init(_ files: TensorFiles, _ family: ModelFamily) throws(InputError) {
    self.init(files.tensors, family)
    if let ambiguous {
      throw InputError(
        file: ambiguous.file.path, place: .tensor(ambiguous.description.name),
        problem: "is there with and without the prefix \(names.prefix)",
        remedy: "get the file again")
    }
    try requireKnownPrefix()
  }

  init(_ tensors: [TensorFiles.Located], _ family: ModelFamily) {
    names = HubNames(family)
    firstFile = tensors.first?.file.path ?? ""
    for tensor in tensors {
      let name = tensor.description.name
      let bare = name.hasPrefix(names.prefix) ? String(name.dropFirst(names.prefix.count)) : name
      if HubNames.ignorable.contains(bare)
        || HubNames.ignorablePrefixes.contains(where: { bare.hasPrefix($0) })
      {
        continue
      }
      if rest.updateValue(tensor, forKey: bare) != nil { ambiguous = tensor }
      order.append(bare)
    }
  }

  /// The rows of the last layer of the family's own head; nil if there is none.
  var outputCount: Int? { rest["\(names.headOutput).weight"]?.description.shape.first }

  /// Takes out these parameters, each of the shape that the configuration demands.
  mutating func claim(
    _ parameters: [ParameterSpecification]
  ) throws(InputError) -> [TensorFiles.Located] {
    var places: [TensorFiles.Located] = []
    for parameter in parameters {
      let spelling =
        [parameter.hubName, parameter.oldHubName].compactMap { $0 }.first { rest[$0] != nil }
      guard let spelling, let place = rest.removeValue(forKey: spelling) else {
        throw InputError(
          file: firstFile, place: .tensor(parameter.hubName), problem: "is missing",
          remedy: parameter.name.hasPrefix("head.")
            ? "get the file again, or \(Self.freshHeadRemedy)"
            : "get the file again, or correct config.json if it describes another model")
      }
      guard place.description.shape == parameter.shape else {
        throw InputError(
          file: place.file.path, place: .tensor(place.description.name),
          problem: "has the shape \(place.description.shape) where config.json demands "
            + "\(parameter.shape)",
          remedy: (parameter.name.hasPrefix(ParameterName.headOutput)
            ? "name each output in id2label, or " : "")
            + "get config.json and the weights from the same place")
      }
      guard WeightType.allCases.contains(where: { $0.headerName == place.description.type }) else {
        throw InputError(
          file: place.file.path, place: .tensor(place.description.name),
          problem: "is of type \(place.description.type)",
          remedy: "convert the weights to F32, F16 or BF16")
      }
      places.append(place)
    }
    return places
  }

  /// Takes out the pooler, which a BERT or RoBERTa encoder carries although only a head uses it.
  mutating func claimPooler(
    _ configuration: EncoderConfiguration
  ) -> [(name: String, place: TensorFiles.Located)] {
    let hidden = configuration.hiddenSize
    guard configuration.family != .distilbert,
      rest["pooler.dense.weight"]?.description.shape == [hidden, hidden],
      rest["pooler.dense.bias"]?.description.shape == [hidden]
    else { return [] }
    return ["pooler.dense.weight", "pooler.dense.bias"].compactMap { name in
      rest.removeValue(forKey: name).map { (name, $0) }
    }
  }

  /// Takes out what belongs to no encoder: another head, or what its loss was computed with.
  ///
  /// - Returns: their names, for a sentence; nil if there are none.
  mutating func leaveAside() -> String? {
    let outside = order.filter { rest[$0].map(isInEncoder) == false }
    let found = outside.compactMap { rest.removeValue(forKey: $0)?.description.name }
    guard !found.isEmpty else { return nil }
    let more = found.count > 4 ? " and \(found.count - 4) more" : ""
    return Terminal.abbreviated(found.prefix(4).joined(separator: ", "), limit: 200) + more
  }

  /// A tensor that has its place in the encoder and is still unknown changes what the encoder
  /// computes.
  private func isInEncoder(_ tensor: TensorFiles.Located) -> Bool {
    let name = tensor.description.name
    return [names.prefix, "embeddings.", names.layers.prefix { $0 != "." } + "."]
      .contains { name.hasPrefix($0) }
  }

  static let freshHeadRemedy = "put a fresh head on the encoder with `pure finetune`"

  /// Nothing may be left over: an unknown tensor means that the model computes something else.
  func requireEmpty() throws(InputError) {
    let unknown = order.compactMap { rest[$0] }
    guard let first = unknown.first else { return }
    let more = unknown.count > 1 ? " (and \(unknown.count - 1) more)" : ""
    throw InputError(
      file: first.file.path, place: .tensor(first.description.name),
      problem: "is no part of the model that config.json describes" + more,
      remedy: "get config.json and the weights from the same place"
        + (isInEncoder(first) ? "" : ", or \(Self.freshHeadRemedy)"))
  }
}

extension TensorInventory {
  /// Programs that wrap a model put a name of their own before all of its names. transformers
  /// finds nothing under them and takes random weights; taking them off here alone would make two
  /// programs read one file differently.
  private func requireKnownPrefix() throws(InputError) {
    let landmarks = ["embeddings.word_embeddings.weight", "embeddings.position_embeddings.weight"]
    guard landmarks.allSatisfy({ rest[$0] == nil }) else { return }
    let found = order.first { name in landmarks.contains { name.hasSuffix("." + $0) } }
    guard let place = found.flatMap({ rest[$0] }) else { return }
    let name = place.description.name
    var prefix = landmarks.reduce(name) { $0.hasSuffix($1) ? String($0.dropLast($1.count)) : $0 }
    if prefix.hasSuffix("." + names.prefix) { prefix.removeLast(names.prefix.count) }
    throw InputError(
      file: place.file.path, place: .tensor(name),
      problem: "has the prefix \(Terminal.abbreviated(prefix)) before the name that config.json "
        + "leads to, so transformers would take random weights instead",
      remedy: prefixRemedy(prefix, in: place.file.path))
  }

  private func prefixRemedy(_ prefix: String, in file: String) -> String {
    if ModelFamily.allCases.contains(where: { $0.rawValue + "." == prefix }) {
      return "get config.json and the weights from the same place"
    }
    if order.contains(where: { $0.contains(".lora_") || $0.contains(".base_layer.") }) {
      return "merge the adapter with peft: model.merge_and_unload().save_pretrained(NEW_DIR)"
    }
    return
      "take it off with safetensors.torch: save_file({name.removeprefix(\"\(prefix)\"): tensor "
      + "for name, tensor in load_file(\"\(Path.name(of: file))\").items()}, "
      + "\"NEW.safetensors\", {\"format\": \"pt\"})"
  }
}
