import Checkpoints
import Files
import TestSupport
import Testing

@testable import Attestations

/// Against the published JSON schema and model signing's own code it is held by
/// `Tests/interoperability`.
@Suite struct `A digest of a model` {
  private let scratch: Scratch

  init() throws { scratch = try Scratch() }

  @Test func `is that of the hashes in the order of the paths' parts`() throws {
    for name in ["b.txt", "a/z", "a-b", "é", ".gitignore", ".git/config", "a/.gitignore"] {
      try scratch.write(name, to: "model/\(name)")
    }
    let digest = try ModelDigest(ofDirectory: scratch.file("model"))
    // As strings `a-b` would come before `a/z`.
    #expect(digest.files.map(\.name) == ["a/.gitignore", "a/z", "a-b", "b.txt", "é"])
    #expect(digest.files.map(\.hash) == digest.files.map { SHA256.hex(of: Array($0.name.utf8)) })
    let bytes = digest.files.flatMap { file in
      stride(from: 0, to: 64, by: 2).map { at in
        UInt8(file.hash.dropFirst(at).prefix(2), radix: 16) ?? 0
      }
    }
    #expect(digest.root == SHA256.hex(of: bytes))
  }

  @Test func `changes with every bit of a file`() throws {
    try scratch.write("abc", to: "model/weights")
    let before = try ModelDigest(ofDirectory: scratch.file("model"))
    try scratch.write("abb", to: "model/weights")
    #expect(try ModelDigest(ofDirectory: scratch.file("model")) != before)
  }

  @Test func `of what is not there is an error that names it`() throws {
    #expect(throws: InputError.self) { try ModelDigest(ofDirectory: scratch.file("none")) }
  }
}
