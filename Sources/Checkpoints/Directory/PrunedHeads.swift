import Files

/// Which heads are pruned, as weights and as a list.
enum PrunedHeads {
  private static let projections: [ParameterName.LayerModule] = [.query, .key, .value]

  static func read(
    _ node: JSONNode, _ configuration: EncoderConfiguration
  ) throws(InputError) -> [[Int]] {
    let layers = try node.elements()
    guard layers.count == configuration.layerCount else {
      throw node.error(
        "lists \(layers.count) layers of \(configuration.layerCount)", remedy: "get it again")
    }
    var result: [[Int]] = []
    for layer in layers {
      var heads: [Int] = []
      for head in try layer.elements() {
        heads.append(try head.int(in: 0...configuration.headCount - 1))
      }
      guard zip(heads, heads.dropFirst()).allSatisfy(<) else {
        throw layer.error("is not in ascending order", remedy: "get it again")
      }
      result.append(heads)
    }
    return result
  }

  static func json(_ heads: [[Int]]) -> JSONValue {
    .array(heads.map { .array($0.map(JSONValue.int)) })
  }

  /// A list that the weights contradict would switch off heads that the model uses.
  static func requireZeros(_ checkpoint: ModelCheckpoint, _ node: JSONNode) throws(InputError) {
    for (layer, heads) in checkpoint.prunedHeads.enumerated() where !heads.isEmpty {
      for name in names(layer) {
        guard let tensor = checkpoint.parameters[name],
          zeroed(tensor, name, heads, checkpoint.configuration) == tensor
        else {
          throw node.error(
            "names heads of layer \(layer) whose weights \(name) are not zero",
            remedy: "remove the key, or get config.json and the weights from the same place")
        }
      }
    }
  }

  /// The parameter as it is exported: a pruned head has zeros in the rows of its query, key and
  /// value, biases included, and in its columns of the output projection.
  ///
  /// Either side alone would be exact too, but would grow back when the model is trained further.
  static func exported(_ checkpoint: ModelCheckpoint, _ name: String) -> HostTensor? {
    guard let tensor = checkpoint.parameters[name] else { return nil }
    for (layer, heads) in checkpoint.prunedHeads.enumerated()
    where !heads.isEmpty && names(layer).contains(name) {
      return zeroed(tensor, name, heads, checkpoint.configuration)
    }
    return tensor
  }

  private static func names(_ layer: Int) -> [String] {
    projections.flatMap {
      ["\(ParameterName.layer(layer, $0)).weight", "\(ParameterName.layer(layer, $0)).bias"]
    } + ["\(ParameterName.layer(layer, .attentionOutput)).weight"]
  }

  private static func zeroed(
    _ tensor: HostTensor, _ name: String, _ heads: [Int], _ configuration: EncoderConfiguration
  ) -> HostTensor {
    let isOutput = name.hasSuffix("\(ParameterName.LayerModule.attentionOutput.rawValue).weight")
    let headSize = configuration.headSize
    let rowLength = tensor.shape.count == 2 ? tensor.shape[1] : 1
    var result = tensor
    for head in heads {
      let owned = head * headSize..<(head + 1) * headSize
      if isOutput {
        for row in 0..<tensor.shape[0] {
          for column in owned { result.values[row * rowLength + column] = 0 }
        }
      } else {
        for index in owned.lowerBound * rowLength..<owned.upperBound * rowLength {
          result.values[index] = 0
        }
      }
    }
    return result
  }
}
