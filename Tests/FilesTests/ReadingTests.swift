import Files
import FoundationEssentials
import Glibc
import TestSupport
import Testing

@Suite struct ReadingTests {
  @Test func `values come back as they were written`() throws {
    let scratch = try Scratch()
    let file = try AtomicFile(scratch.file("values"))
    try file.write([1.5, -0.0, .infinity] as [Float])
    try file.write([0x1234] as [UInt16])
    try file.write("é")
    try file.commit()
    let values = try ByteFile(scratch.file("values"))
    #expect(values.size == 16)
    #expect(
      try values.read(at: 0, count: 3, as: Float.self).map(\.bitPattern) == [
        0x3FC0_0000, 0x8000_0000, 0x7F80_0000,
      ])
    #expect(try values.read(at: 12, count: 4) == [0x34, 0x12, 0xC3, 0xA9])
    #expect(try values.read(at: 16, count: 0) == [])
  }

  @Test(arguments: [(0, 17), (16, 1), (17, 0), (0, Int.max / 2), (Int.max, 1)])
  func `a range beyond the end is refused`(offset: Int, count: Int) throws {
    let scratch = try Scratch()
    try AtomicFile.write([UInt8](repeating: 0, count: 16), to: scratch.file("a"))
    let file = try ByteFile(scratch.file("a"))
    #expect(throws: InputError.self) { try file.read(at: offset, count: count) }
    #expect(throws: InputError.self) { try file.read(at: offset, count: count, as: UInt64.self) }
  }

  @Test func `a path that cannot be read says why`() throws {
    let scratch = try Scratch()
    #expect(
      throws: InputError(
        file: scratch.file("none"), problem: "does not exist", remedy: "check the path")
    ) { try ByteFile(scratch.file("none")) }
    #expect(
      throws: InputError(
        file: scratch.path, problem: "is a directory", remedy: "name a file in it")
    ) { try ByteFile.contents(of: scratch.path) }
    #expect(throws: InputError.self) { try ByteFile("/dev/null") }
    #expect(throws: InputError.self) { try ByteFile("a\u{0}b") }
    try AtomicFile.write([], to: scratch.file("empty"))
    #expect(try ByteFile.contents(of: scratch.file("empty")) == [])
    let error = #expect(throws: InputError.self) {
      try ByteFile.nonEmptyContents(of: scratch.file("empty"))
    }
    #expect(error?.problem == "is empty")
  }

  @Test func `a symbolic link leads to its file`() throws {
    let scratch = try Scratch()
    try AtomicFile.write([7], to: scratch.file("blob"))
    try FileManager.default.createSymbolicLink(
      atPath: scratch.file("link"), withDestinationPath: "blob")
    #expect(try ByteFile.contents(of: scratch.file("link")) == [7])
    #expect(Path.isSame(scratch.file("blob"), scratch.file("link")))
  }

  @Test func `removing a tree stops at links`() throws {
    let scratch = try Scratch()
    try Path.makeDirectory(scratch.file("kept"))
    try AtomicFile.write([7], to: scratch.file("kept/file"))
    try Path.makeDirectory(scratch.file("tree/branch"))
    try FileManager.default.createSymbolicLink(
      atPath: scratch.file("tree/branch/link"), withDestinationPath: scratch.file("kept"))
    try Path.remove(scratch.file("tree"))
    #expect(try Path.names(in: scratch.path) == ["kept"])
    #expect(Path.isFile(scratch.file("kept/file")))
  }

  @Test func `a tree is removed whatever bytes its names are made of`() throws {
    let scratch = try Scratch()
    try Path.makeDirectory(scratch.file("tree/branch"))
    let name: [CChar] = Array(scratch.file("tree/branch/").utf8CString.dropLast()) + [-1, 0]
    let status = unsafe mkdir(name, 0o777)
    #expect(status == 0)
    // The name that is listed instead leads nowhere.
    #expect(try Path.names(in: scratch.file("tree/branch")) == ["\u{FFFD}"])
    try Path.remove(scratch.file("tree"))
    #expect(try Path.names(in: scratch.path) == [])
  }

  @Test func `what cannot be removed is said to be that`() throws {
    let scratch = try Scratch()
    let missing = #expect(throws: InputError.self) { try Path.remove(scratch.file("none")) }
    #expect(missing?.problem == "does not exist")
    let forbidden = #expect(throws: InputError.self) { try Path.remove("/proc/self/status") }
    #expect(forbidden?.problem.hasPrefix("cannot be removed: ") == true)
  }

  @Test(arguments: [
    ("a/b", "a", "b"), ("a", ".", "a"), ("/a", "/", "a"), ("a/b/", "a", "b"), ("/", "/", "/"),
  ])
  func `paths split into parent and name`(path: String, parent: String, name: String) {
    #expect(Path.parent(of: path) == parent)
    #expect(Path.name(of: path) == name)
  }
}

@Suite struct MessageTests {
  @Test func `an error is one harmless line`() {
    let error = InputError(
      file: "dir/model.safetensors", place: .tensor("a\u{1B}[2J\nb"), problem: "has no data",
      remedy: "get the file again")
    #expect(
      error.description
        == "dir/model.safetensors, tensor a\\u{1B}[2J\\u{A}b: has no data; get the file again")
  }

  @Test func `a name of a megabyte is cut`() {
    let error = InputError(
      place: .tensor(String(repeating: "x", count: 1 << 20)), problem: "is unknown")
    #expect(error.description.utf8.count < 200)
  }

  @Test(arguments: [
    ("plain é 漢 😀", "plain é 漢 😀"), ("a\u{1B}[31mred\u{1B}[0m", "ared"),
    ("\u{1B}]0;title\u{7}x", "x"), ("\u{1B}]0;title\u{1B}\\x", "x"), ("\u{9B}2Jx", "x"),
    ("a\r\nb\tc", "a  b c"), ("a\u{202E}b\u{0}\u{7F}", "ab"), ("a\u{1B}", "a"), ("a\u{1B}[", "a"),
    ("\u{1B}cx", "x"),
  ])
  func `terminal text loses what moves the cursor`(text: String, shown: String) {
    #expect(Terminal.sanitized(text).unicodeScalars.elementsEqual(shown.unicodeScalars))
  }
}

@Suite struct SHA256Tests {
  /// Examples of FIPS 180-4 as NIST publishes them.
  @Test(arguments: [
    ("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
    ("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
    (
      "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
      "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"
    ),
    (
      "abcdefghbcdefghicdefghijdefghijkefghijklfghijklmghijklmnhijklmno"
        + "ijklmnopjklmnopqklmnopqrlmnopqrsmnopqrstnopqrstu",
      "cf5b16a778af8380036ce59e7b0492370b249b11e8f07a51afac45037afee9d1"
    ),
  ])
  func `published vectors come out`(text: String, digest: String) {
    #expect(SHA256.hex(of: Array(text.utf8)) == digest)
  }

  @Test func `a million letters in pieces come out`() {
    var hash = SHA256()
    var left = 1_000_000
    var size = 1
    while left > 0 {
      let count = min(size, left)
      hash.update([UInt8](repeating: UInt8(ascii: "a"), count: count))
      left -= count
      size = size * 3 % 4093
    }
    #expect(
      SHA256.hex(hash.finalize())
        == "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0")
  }

  @Test func `both ways to compute it agree`() {
    let bytes = (0..<1000).map { UInt8(truncatingIfNeeded: $0 &* 31) }
    for count in [0, 1, 55, 56, 63, 64, 65, 127, 128, 1000] {
      let part = Array(bytes[..<count])
      #expect(SHA256.hex(SHA256(portably: part).finalize()) == SHA256.hex(of: part))
    }
  }

  @Test func `numbers hash as the files do that hold them`() throws {
    let scratch = try Scratch()
    let file = try AtomicFile(scratch.file("a"))
    try file.write([0.5, -1] as [Float])
    try file.commit()
    #expect(
      try SHA256.hex(of: [0.5, -1] as [Float]) == SHA256.hex(ofFile: scratch.file("a")))
  }

  @Test func `a file hashes as its bytes do`() throws {
    let scratch = try Scratch()
    let bytes = (0..<70_000).map { UInt8(truncatingIfNeeded: $0 &* 31) }
    try AtomicFile.write(bytes, to: scratch.file("a"))
    #expect(try SHA256.hex(ofFile: scratch.file("a")) == SHA256.hex(of: bytes))
  }
}
