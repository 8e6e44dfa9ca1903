import Checkpoints
import Files
import TestSupport
import Testing

/// One file and what must become of it.
struct SafetensorsCase: Sendable, CustomTestStringConvertible {
  enum Verdict: Sendable, Equatable {
    case accepted
    /// The place is a tensor where one is at fault, and the problem contains the words.
    case refused(tensor: String?, saying: String)
  }

  var name: String
  var bytes: [UInt8]
  var verdict: Verdict

  var testDescription: String { name }

  init(_ name: String, _ header: String, data: Int = 4, _ verdict: Verdict) {
    self.init(name, RawSafetensors.file(header, dataCount: data), verdict)
  }

  init(_ name: String, _ bytes: [UInt8], _ verdict: Verdict) {
    self.name = name
    self.bytes = bytes
    self.verdict = verdict
  }

  private static let good = #"{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}"#

  private static func entry(
    _ name: String = "a", dtype: String = "F32", shape: String = "[1]", offsets: String = "[0,4]"
  ) -> String {
    #""\#(name)":{"dtype":"\#(dtype)","shape":\#(shape),"data_offsets":\#(offsets)}"#
  }

  static let all: [SafetensorsCase] = accepted + framing + keys + fields + layout

  private static let accepted = [
    SafetensorsCase("one tensor", good, .accepted),
    SafetensorsCase("padding by spaces", good + "     ", .accepted),
    SafetensorsCase(
      "metadata", #"{"__metadata__":{"format":"pt"},\#(entry())}"#, .accepted),
    SafetensorsCase("a single number", "{\(entry(shape: "[]"))}", .accepted),
    SafetensorsCase(
      "no elements", "{\(entry(shape: "[0,3]", offsets: "[0,0]"))}", data: 0, .accepted),
    SafetensorsCase(
      "unordered but contiguous", "{\(entry("b", offsets: "[4,8]")),\(entry())}", data: 8,
      .accepted),
    SafetensorsCase(
      "a type that is not ours", "{\(entry(dtype: "I64", offsets: "[0,8]"))}", data: 8, .accepted),
    SafetensorsCase(
      "spaces inside the object", good.replacing(",", with: " , "), .accepted),
  ]

  private static let framing = [
    SafetensorsCase("no bytes", [], .refused(tensor: nil, saying: "too few")),
    SafetensorsCase(
      "seven bytes", [1, 0, 0, 0, 0, 0, 0], .refused(tensor: nil, saying: "too few")),
    SafetensorsCase(
      "a header of no bytes", [UInt8](repeating: 0, count: 8),
      .refused(tensor: nil, saying: "not one JSON object")),
    SafetensorsCase(
      "a header beyond the end", [200, 0, 0, 0, 0, 0, 0, 0] + Array(good.utf8),
      .refused(tensor: nil, saying: "claims a header of 200 bytes but ends")),
    SafetensorsCase(
      "a header beyond the cap", [UInt8](repeating: 0xFF, count: 16),
      .refused(tensor: nil, saying: "claims a header of 18446744073709551615")),
    SafetensorsCase(
      "a Git LFS pointer",
      Array("version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 9\n".utf8),
      .refused(tensor: nil, saying: "is a Git LFS pointer, not the weights")),
    SafetensorsCase(
      "a zipped pickle", Array("PK\u{3}\u{4}xxxxxxxxxxxx".utf8),
      .refused(tensor: nil, saying: "is a pickle")),
    SafetensorsCase(
      "a bare pickle", [0x80, 2] + [UInt8](repeating: 0, count: 20),
      .refused(tensor: nil, saying: "is a pickle")),
    SafetensorsCase(
      "a space before the brace", " " + good, .refused(tensor: nil, saying: "not one JSON object")),
    SafetensorsCase(
      "padding by a line end", good + "\n", .refused(tensor: nil, saying: "not one JSON object")),
    SafetensorsCase(
      "padding by a tab", good + "\t", .refused(tensor: nil, saying: "not one JSON object")),
    SafetensorsCase(
      "padding by zero bytes", good + "\0", .refused(tensor: nil, saying: "not one JSON object")),
    SafetensorsCase("an array", "[1]", .refused(tensor: nil, saying: "not one JSON object")),
    SafetensorsCase("two objects", good + good, .refused(tensor: nil, saying: "more text")),
    SafetensorsCase("no tensors", "{}", data: 0, .refused(tensor: nil, saying: "holds no tensors")),
    SafetensorsCase(
      "bytes that are not UTF-8",
      RawSafetensors.file(
        header: Array(#"{"a"#.utf8) + [0xFF] + Array(good.dropFirst(3).utf8), data: [0, 0, 0, 0]),
      .refused(tensor: nil, saying: "not valid UTF-8")),
  ]

  private static let keys = [
    SafetensorsCase(
      "the same tensor twice", "{\(entry()),\(entry())}",
      .refused(tensor: nil, saying: "same key twice")),
    SafetensorsCase(
      "the same tensor twice, once escaped", #"{\#(entry()),\#(entry("\\u0061"))}"#,
      .refused(tensor: nil, saying: "same key twice")),
    SafetensorsCase(
      "metadata twice", #"{"__metadata__":{},"__metadata__":{},\#(entry())}"#,
      .refused(tensor: nil, saying: "same key twice")),
    SafetensorsCase(
      "dtype twice", #"{"a":{"dtype":"F32","dtype":"F32","shape":[1],"data_offsets":[0,4]}}"#,
      .refused(tensor: nil, saying: "same key twice")),
    SafetensorsCase(
      "metadata that is no text", #"{"__metadata__":{"n":1},\#(entry())}"#,
      .refused(tensor: nil, saying: "a string is due")),
    SafetensorsCase(
      "metadata that is no object", #"{"__metadata__":"pt",\#(entry())}"#,
      .refused(tensor: nil, saying: "an object is due")),
    SafetensorsCase(
      "no name", "{\(entry(""))}", .refused(tensor: "", saying: "a name that no parameter has")),
    SafetensorsCase(
      "a name that is a path", "{\(entry("../../x"))}",
      .refused(tensor: "../../x", saying: "a name that no parameter has")),
    SafetensorsCase(
      "a name of control bytes", #"{\#(entry("\\u001b[2J"))}"#,
      .refused(tensor: "\u{1B}[2J", saying: "a name that no parameter has")),
  ]

  private static let fields = [
    SafetensorsCase(
      "an unknown field",
      #"{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4],"extra":1}}"#,
      .refused(tensor: "a", saying: "unknown field extra")),
    SafetensorsCase(
      "no shape", #"{"a":{"dtype":"F32","data_offsets":[0,4]}}"#,
      .refused(tensor: "a", saying: "a shape that is not")),
    SafetensorsCase(
      "a tensor that is no object", #"{"a":[1]}"#,
      .refused(tensor: "a", saying: "not described by an object")),
    SafetensorsCase(
      "an unknown type", "{\(entry(dtype: "F31"))}",
      .refused(tensor: "a", saying: "unknown or no dtype")),
    SafetensorsCase(
      "a fractional size", "{\(entry(shape: "[1.0]"))}",
      .refused(tensor: "a", saying: "a shape that is not")),
    SafetensorsCase(
      "a negative size", "{\(entry(shape: "[-1]"))}",
      .refused(tensor: "a", saying: "a shape that is not")),
    SafetensorsCase(
      "sizes whose product overflows",
      "{\(entry(shape: "[4294967296,4294967296,4]", offsets: "[0,0]"))}",
      .refused(tensor: "a", saying: "more elements than can be counted")),
    SafetensorsCase(
      "a size beyond 64 bits", "{\(entry(shape: "[99999999999999999999]"))}",
      .refused(tensor: "a", saying: "a shape that is not")),
    SafetensorsCase(
      "a fraction of a byte", "{\(entry(dtype: "F4", shape: "[3]", offsets: "[0,1]"))}", data: 1,
      .refused(tensor: "a", saying: "F4 data of shape [3]")),
    SafetensorsCase(
      "a shape at odds with its bytes", "{\(entry(shape: "[2]"))}",
      .refused(tensor: "a", saying: "F32 data of shape [2]")),
    SafetensorsCase(
      "reversed offsets", "{\(entry(offsets: "[4,0]"))}",
      .refused(tensor: "a", saying: "data_offsets 4 to 0")),
    SafetensorsCase(
      "three offsets", "{\(entry(offsets: "[0,2,4]"))}",
      .refused(tensor: "a", saying: "not two offsets")),
  ]

  private static let layout = [
    SafetensorsCase(
      "a gap at the start", "{\(entry(offsets: "[4,8]"))}", data: 8,
      .refused(tensor: "a", saying: "leaves a gap")),
    SafetensorsCase(
      "a gap in the middle", "{\(entry()),\(entry("b", offsets: "[8,12]"))}", data: 12,
      .refused(tensor: "b", saying: "leaves a gap")),
    SafetensorsCase(
      "an overlap", "{\(entry()),\(entry("b", offsets: "[2,6]"))}", data: 6,
      .refused(tensor: "b", saying: "overlaps")),
    SafetensorsCase(
      "the same bytes twice", "{\(entry()),\(entry("b"))}",
      .refused(tensor: "b", saying: "overlaps")),
    SafetensorsCase(
      "a byte too many", good, data: 5, .refused(tensor: nil, saying: "1 bytes that no tensor owns")
    ),
    SafetensorsCase(
      "a byte too few", good, data: 3, .refused(tensor: "a", saying: "but the file at")),
    SafetensorsCase(
      "offsets beyond 63 bits once the header is added",
      "{\(entry(dtype: "U8", shape: "[7]", offsets: "[9223372036854775800,9223372036854775807]"))}",
      .refused(tensor: "a", saying: "beyond any file")),
  ]
}

@Suite struct SafetensorsTableTests {
  @Test(arguments: SafetensorsCase.all)
  func `every file gets the verdict of the table`(row: SafetensorsCase) throws {
    let scratch = try Scratch()
    let path = scratch.file("model.safetensors")
    try AtomicFile.write(row.bytes, to: path)
    switch row.verdict {
    case .accepted: _ = try SafetensorsFile(path)
    case .refused(let tensor, let words):
      let error = try #require(throws: InputError.self) { _ = try SafetensorsFile(path) }
      #expect(error.file == path)
      #expect(error.problem.contains(words), "\(error)")
      #expect(!error.remedy.isEmpty)
      if let tensor { #expect(error.place == .tensor(tensor)) }
    }
  }

  @Test func `a pickle is refused as unsafe`() throws {
    let scratch = try Scratch()
    let path = scratch.file("model.safetensors")
    try AtomicFile.write([0x80, 4] + [UInt8](repeating: 0, count: 30), to: path)
    let error = try #require(throws: InputError.self) { _ = try SafetensorsFile(path) }
    #expect(error.kind == .unsafeInput)
  }

  @Test(arguments: [Float.nan, .infinity, -.infinity])
  func `a weight that is not finite is refused by its tensor's name`(value: Float) throws {
    let scratch = try Scratch()
    var tensor = RawTensor("bad.weight", [2, 3])
    tensor.values[4] = value
    try AtomicFile.write(RawSafetensors.file([tensor]), to: scratch.file("a"))
    let file = try SafetensorsFile(scratch.file("a"))
    let error = try #require(throws: InputError.self) { _ = try file.tensor("bad.weight") }
    #expect(error.place == .tensor("bad.weight"))
    #expect(error.problem == "has NaN or infinite weights")
  }
}
