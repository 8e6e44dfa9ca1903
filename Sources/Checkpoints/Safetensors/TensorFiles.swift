import Files

/// All tensors of a model directory: `model.safetensors`, or the shards that an index names, or
/// those that number themselves.
struct TensorFiles {
  /// A tensor and the file that it is in.
  struct Located {
    var file: SafetensorsFile
    var description: SafetensorsFile.Description
  }

  /// In the order of the file, or of the index.
  let tensors: [Located]

  private static let single = "model.safetensors"
  private static let index = "model.safetensors.index.json"
  private static let largestShardCount = 1000

  /// - Parameter config: says, for the sentence about other weights, what they would be converted
  ///   as.
  init(directory: String, config: JSONNode) throws(InputError) {
    let single = Path.join(directory, TensorFiles.single)
    let index = Path.join(directory, TensorFiles.index)
    if Path.exists(single) {
      let file = try SafetensorsFile(single)
      tensors = file.tensors.map { Located(file: file, description: $0) }
    } else if Path.exists(index) {
      tensors = try TensorFiles.shards(index, in: directory)
    } else if let shards = try NumberedShards(in: directory) {
      tensors = try TensorFiles.tensors(of: shards)
    } else {
      try ForeignWeights.refuse(in: directory, config: config)
      throw InputError(
        file: directory, problem: "has no \(TensorFiles.single)",
        remedy: "name a Hugging Face model directory")
    }
  }

  private static func tensors(of shards: NumberedShards) throws(InputError) -> [Located] {
    var tensors: [Located] = []
    var names: Set<String> = []
    for path in shards.paths {
      let file = try SafetensorsFile(path)
      for description in file.tensors {
        guard names.insert(description.name).inserted else {
          throw InputError(
            file: path, place: .tensor(description.name), problem: "is in another shard as well",
            remedy: "get the files again")
        }
        tensors.append(Located(file: file, description: description))
      }
    }
    return tensors
  }

  private static func shards(
    _ index: String, in directory: String
  ) throws(InputError) -> [Located] {
    let map = try JSONNode(contentsOf: index).required("weight_map")
    try requireShards(map, in: directory)
    var files: [String: SafetensorsFile] = [:]
    var tensors: [Located] = []
    for (name, node) in try map.members() {
      let shard = try node.string()
      // None may lead out of the directory.
      guard PlainName.holds(shard), shard.hasSuffix(".safetensors") else {
        throw node.error(
          "is \(Terminal.abbreviated(shard)), not the bare name of a safetensors file",
          remedy: "get the file again")
      }
      if files[shard] == nil {
        files[shard] = try SafetensorsFile(Path.join(directory, shard))
      }
      guard let file = files[shard],
        let description = file.description(of: name)
      else {
        throw InputError(
          file: Path.join(directory, shard), place: .tensor(name),
          problem: "is missing though the index names it", remedy: "get the files again")
      }
      tensors.append(Located(file: file, description: description))
    }
    try requireListed(files, map)
    return tensors
  }

  /// Names all that are missing at once: a download that broke off lacks several.
  private static func requireShards(
    _ map: JSONNode, in directory: String
  ) throws(InputError) {
    let shards = Set(try map.object().members.compactMap(\.value.string)).filter {
      PlainName.holds($0) && $0.hasSuffix(".safetensors")
    }
    guard shards.count <= largestShardCount else {
      throw map.error("names more than \(largestShardCount) files", remedy: "merge the shards")
    }
    let missing = shards.filter { !Path.exists(Path.join(directory, $0)) }.sorted()
    guard let first = missing.first else { return }
    let others = missing.count > 1 ? " (and \(missing.count - 1) more)" : ""
    throw map.error(
      "names \(first)\(others), which does not exist in the directory",
      remedy: "get what is missing from where the other files came from")
  }

  private static func requireListed(
    _ files: [String: SafetensorsFile], _ map: JSONNode
  ) throws(InputError) {
    for (shard, file) in files.sorted(by: { $0.key < $1.key }) {
      for tensor in file.tensors
      where map.value[tensor.name]?.string?.utf8.elementsEqual(shard.utf8) != true {
        throw InputError(
          file: file.path, place: .tensor(tensor.name),
          problem: "is in this file but the index does not say so", remedy: "get the files again")
      }
    }
  }
}
