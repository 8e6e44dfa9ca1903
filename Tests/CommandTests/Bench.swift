import Files
import Glibc
import TestSupport
import Testing

/// A scratch folder with texts and a model that a test may spoil, and the program to run there.
struct Bench {
  let scratch: Scratch
  let program: Program

  init() throws {
    scratch = try Scratch()
    program = Program(scratch: scratch)
    try write(Self.texts(60), to: "train.tsv")
    try write(Self.texts(30), to: "test.tsv")
    try write(Self.texts(30), to: "lines.txt")
  }

  /// Labelled rows of words that the tiny models know, a seventh of them of another length.
  private static func texts(_ count: Int) -> String {
    let sentences = ["a good film", "bad and boring", "great story , good fun", "a dull movie"]
    return "sentence\tlabel\n"
      + (0..<count).map {
        "\(sentences[$0 % 4])\($0 % 7 == 0 ? " the end ." : "")\t\(1 - $0 % 2)\n"
      }
      .joined()
  }

  func write(_ text: String, to name: String) throws {
    try scratch.write(text, to: name)
  }

  /// A copy of the tiny model that may be spoilt.
  func copyModel(_ name: String) throws {
    try Path.makeDirectory(scratch.file(name))
    for file in try Path.names(in: tinyModel) {
      let bytes = try ByteFile.contents(of: Path.join(tinyModel, file))
      try AtomicFile.write(bytes, to: Path.join(scratch.file(name), file))
    }
  }

  /// Cuts the head of `model`, a copy of the tiny model, down to its first outputs: what follows in
  /// the file is taken out, and the header names fewer rows.
  func keepOutputs(_ count: Int, of all: Int = 3) throws {
    let bytes = try bytes("model/model.safetensors")
    let start = 8 + bytes[..<8].reversed().reduce(0) { $0 << 8 | Int($1) }
    let table = JSONNode(
      try JSONValue(parsing: Array(bytes[8..<start])), file: "model.safetensors")
    var header = JSONObject([("__metadata__", ["format": "pt"])])
    var data: [UInt8] = []
    for (name, node) in try table.members() where name != "__metadata__" {
      let offsets = try node.required("data_offsets").elements().map { try $0.int() }
      var shape = try node.required("shape").elements().map { try $0.int() }
      var length = offsets[1] - offsets[0]
      if name.hasPrefix("classifier.") {
        #expect(shape[0] == all)
        shape[0] = count
        length = length / all * count
      }
      let begin = data.count
      data += bytes[start + offsets[0]..<start + offsets[0] + length]
      header[name] = [
        "dtype": "F32", "shape": .array(shape.map(JSONValue.int)),
        "data_offsets": [.int(begin), .int(data.count)],
      ]
    }
    let text = JSONValue.object(header).serialized()
    let size = (0..<8).map { UInt8(truncatingIfNeeded: text.count >> (8 * $0)) }
    try AtomicFile.write(
      size + text + data, to: scratch.file("model/model.safetensors"))
  }

  /// Replaces the first occurrence in a file of that model.
  func replace(_ old: String, with new: String, in name: String) throws {
    let text = String(decoding: try ByteFile.contents(of: scratch.file(name)), as: UTF8.self)
    guard let range = text.firstRange(of: old) else {
      throw InputError(file: name, problem: "does not hold \(old)")
    }
    try write(text.replacingCharacters(in: range, with: new), to: name)
  }

  func bytes(_ name: String) throws -> [UInt8] { try ByteFile.contents(of: scratch.file(name)) }

  /// Whether the state of a training is kept in a folder or below.
  func hasState(in folder: String = "") -> Bool {
    let names = (try? scratch.names(folder)) ?? []
    return names.contains { $0.hasSuffix("/training.safetensors") }
  }

  /// Waits until a process has kept the state of its training. False: it ended before, or hung and was killed.
  func waitForState(in folder: String = "", of process: Program.Process) -> Bool {
    let deadline = ContinuousClock.now + .seconds(120)
    while process.isRunning {
      if hasState(in: folder) { return true }
      if ContinuousClock.now > deadline {
        process.send(SIGKILL)
        return false
      }
      usleep(1000)
    }
    return false
  }

  /// A short training of the tiny model.
  static let training = ["--model", tinyModel, "--train", "train.tsv", "--batch-size", "8"]
}

extension String {
  fileprivate func replacingCharacters(in range: Range<String.Index>, with text: String) -> String {
    String(self[..<range.lowerBound]) + text + String(self[range.upperBound...])
  }
}
