import Files

/// All tensors of a model directory: `model.safetensors`, or the shards that an index names.
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

  init(directory: String) throws(InputError) {
    let single = Path.join(directory, TensorFiles.single)
    let index = Path.join(directory, TensorFiles.index)
    if Path.exists(single) {
      let file = try SafetensorsFile(single)
      tensors = file.tensors.map { Located(file: file, description: $0) }
    } else if Path.exists(index) {
      tensors = try TensorFiles.shards(index, in: directory)
    } else {
      try Pickle.refuse(in: directory)
      throw InputError(
        file: directory, problem: "has no \(TensorFiles.single)",
        remedy: "name a Hugging Face model directory")
    }
  }

  private static func shards(
    _ index: String, in directory: String
  ) throws(InputError) -> [Located] {
    let map = try JSONNode(contentsOf: index).required("weight_map")
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
        guard files.count < largestShardCount else {
          throw map.error("names more than \(largestShardCount) files", remedy: "merge the shards")
        }
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

/// Weights in formats whose reading can run code that somebody put into the file.
enum Pickle {
  static let remedy =
    "convert it where nothing can be lost, with transformers: "
    + "AutoModel.from_pretrained(DIR).save_pretrained(NEW_DIR, safe_serialization=True)"

  private static let names = [
    "pytorch_model.bin", "pytorch_model.bin.index.json", "model.bin", "model.pt", "model.pth",
    "model.ckpt", "pytorch_model.pt",
  ]

  static func refuse(in directory: String) throws(InputError) {
    for name in names where Path.exists(Path.join(directory, name)) {
      throw InputError(
        .unsafeInput, file: Path.join(directory, name),
        problem: "is a pickle, which can run any code when it is read", remedy: remedy)
    }
  }
}
