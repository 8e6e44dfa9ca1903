import Files
import Glibc
import TestSupport

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
