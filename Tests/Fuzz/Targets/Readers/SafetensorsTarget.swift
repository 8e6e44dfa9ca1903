import Checkpoints
import Files

/// A file of weights; what is read can be written and read again.
struct SafetensorsTarget: FuzzTarget {
  static let name = "safetensors"
  private let folder: FuzzFolder

  init(in folder: String) throws { self.folder = try FuzzFolder(folder) }

  func seeds() throws -> [[UInt8]] {
    let path = folder.file("seed")
    var seeds: [[UInt8]] = []
    for type in WeightType.allCases {
      var writer = try SafetensorsWriter(
        AtomicFile(path), tensors: [("a.weight", [3, 2]), ("a.bias", [3]), ("scale", [])],
        type: type, metadata: JSONObject([("format", "pt"), ("note", "é")]))
      for count in [6, 3] {
        try writer.write(
          HostTensor(
            shape: count == 6 ? [3, 2] : [3], values: (0..<count).map { Float($0) / 2 - 1 }))
      }
      try writer.write(HostTensor(shape: [], values: [-0.0]))
      try writer.commit()
      seeds.append(try ByteFile.contents(of: path))
    }
    for (type, size) in [("I64", 8), ("I32", 4), ("U8", 1), ("F64", 8), ("BOOL", 1)] {
      seeds.append(
        file(
          #"{"n":{"dtype":"\#(type)","shape":[2],"data_offsets":[0,\#(2 * size)]},"#
            + #""none":{"dtype":"F32","shape":[0],"data_offsets":[\#(2 * size),\#(2 * size)]}}"#,
          dataCount: 2 * size))
    }
    return seeds
  }

  private func file(_ header: String, dataCount: Int) -> [UInt8] {
    (0..<8).map { UInt8(truncatingIfNeeded: header.utf8.count >> (8 * $0)) } + Array(header.utf8)
      + [UInt8](repeating: 7, count: dataCount)
  }

  func read(_ bytes: [UInt8]) throws {
    try folder.hold([("case", bytes)])
    let file = try SafetensorsFile(folder.file("case"))
    claim(!file.tensors.isEmpty, "holds no tensor and is read")
    var tensors: [(name: String, tensor: HostTensor)] = []
    for description in file.tensors {
      claim(file.description(of: description.name) == description, "lists what it does not find")
      // Data of other types, and numbers that are none, are refused; the rest is still read.
      if let tensor = try? file.tensor(description.name) {
        claim(tensor.shape == description.shape, "has another shape than it says")
        claim(tensor.values.count == tensor.shape.reduce(1, *), "has values beside its shape")
        claim(tensor.values.allSatisfy(\.isFinite), "has values that are no numbers")
        tensors.append((description.name, tensor))
      }
      _ = try? file.integers(description.name)
    }
    try requireWritable(tensors, file.metadata)
  }

  private func requireWritable(
    _ tensors: [(name: String, tensor: HostTensor)], _ metadata: JSONObject
  ) throws {
    guard !tensors.isEmpty else { return }
    let path = folder.file("again")
    var writer = try SafetensorsWriter(
      AtomicFile(path), tensors: tensors.map { ($0.name, $0.tensor.shape) }, metadata: metadata)
    for (_, tensor) in tensors { try writer.write(tensor) }
    try writer.commit()
    let again = try SafetensorsFile(path)
    claim(again.tensors.map(\.name) == tensors.map(\.name), "loses a name when it is written")
    claim(again.metadata == metadata, "loses metadata when it is written")
    for (name, tensor) in tensors {
      let values = try again.tensor(name).values
      claim(
        values.map(\.bitPattern) == tensor.values.map(\.bitPattern), "\(name) has other numbers")
    }
  }
}
