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

  /// Whether the last layer of the family's own head is there.
  var hasNativeHead: Bool { rest["\(names.headOutput).weight"] != nil }

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
          remedy: "get the file again, or correct config.json if it describes another model")
      }
      guard place.description.shape == parameter.shape else {
        throw InputError(
          file: place.file.path, place: .tensor(place.description.name),
          problem: "has the shape \(place.description.shape) where config.json demands "
            + "\(parameter.shape)", remedy: "get config.json and the weights from the same place")
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

  /// Nothing may be left over: an unknown tensor means that the model computes something else.
  func requireEmpty() throws(InputError) {
    let unknown = order.compactMap { rest[$0] }
    guard let first = unknown.first else { return }
    let more = unknown.count > 1 ? " (and \(unknown.count - 1) more)" : ""
    throw InputError(
      file: first.file.path, place: .tensor(first.description.name),
      problem: "is no part of the model that config.json describes" + more,
      remedy: "get config.json and the weights from the same place")
  }
}
