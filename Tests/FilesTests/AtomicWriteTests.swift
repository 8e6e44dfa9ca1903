import Files
import FoundationEssentials
import Glibc
import Synchronization
import TestSupport
import Testing

@testable import Files

@Suite struct AtomicWriteTests {
  private let full: Int32 = 28

  /// Fails the call with this number, counted over all calls that change the disk.
  private func failing<Result>(
    call number: Int, with code: Int32, _ body: () throws -> Result
  ) rethrows -> (result: Result, calls: Int) {
    let counter = Counter()
    let failure: @Sendable (FaultInjection.Call) -> Int32? = { _ in
      counter.next() == number ? code : nil
    }
    return try FaultInjection.$failure.withValue(failure) { (try body(), counter.count) }
  }

  @Test func `a file appears complete and replaces the earlier one`() throws {
    let scratch = try Scratch()
    try AtomicFile.write([1, 2, 3], to: scratch.file("a"))
    try AtomicFile.write([4], to: scratch.file("a"))
    #expect(try ByteFile.contents(of: scratch.file("a")) == [4])
    #expect(try Path.names(in: scratch.path) == ["a"])
  }

  @Test func `a dropped file leaves nothing`() throws {
    let scratch = try Scratch()
    do {
      let file = try AtomicFile(scratch.file("a"))
      try file.write([1.5, 2.5] as [Float])
      #expect(try Path.names(in: scratch.path).count == 1)
    }
    #expect(try Path.names(in: scratch.path) == [])
  }

  @Test func `a full disk at any call leaves the earlier file alone`() throws {
    let scratch = try Scratch()
    let path = scratch.file("a")
    try AtomicFile.write([1], to: path)
    // create, write, synchronize, rename: after the rename the new file stands.
    for number in 1...4 {
      let error = #expect(throws: InputError.self) {
        try failing(call: number, with: full) { try AtomicFile.write([2], to: path) }
      }
      #expect(error?.problem.contains("the disk is full") == true)
      #expect(try ByteFile.contents(of: path) == [1])
      #expect(try Path.names(in: scratch.path) == ["a"])
    }
  }

  @Test func `a file replaces no link, pipe or directory`() throws {
    let scratch = try Scratch()
    try AtomicFile.write([1], to: scratch.file("mine"))
    try FileManager.default.createSymbolicLink(
      atPath: scratch.file("link"), withDestinationPath: "mine")
    let status = unsafe mkfifo(scratch.file("pipe"), 0o600)
    #expect(status == 0)
    try Path.makeDirectory(scratch.file("folder"))
    for (name, problem) in [
      ("link", "symbolic link"), ("pipe", "not a regular file"), ("folder", "directory"),
    ] {
      let error = #expect(throws: InputError.self) {
        try AtomicFile.write([2], to: scratch.file(name))
      }
      #expect(error?.problem.contains(problem) == true)
    }
    #expect(Path.isLink(scratch.file("link")) && Path.isLink(scratch.file("link/")))
    #expect(try ByteFile.contents(of: scratch.file("mine")) == [1])
    #expect(try Path.names(in: scratch.path) == ["folder", "link", "mine", "pipe"])
  }

  @Test func `a directory appears complete or not at all`() throws {
    let scratch = try Scratch()
    let path = scratch.file("deep/er/out/")
    let write = {
      let directory = try AtomicDirectory(path)
      try directory.write([1], as: "one")
      try directory.write([2], as: "two")
      try directory.commit()
    }
    let above = scratch.file("deep/er")
    try Path.makeDirectory(above)
    // One directory, three calls for each of two files besides their directory's, then its own.
    let calls = try failing(call: .max, with: full, write).calls
    try Path.remove(scratch.file("deep/er/out"))
    for number in 1..<calls {
      #expect(throws: InputError.self) { try failing(call: number, with: full, write) }
      #expect(try Path.names(in: above) == [])
    }
    try write()
    #expect(try Path.names(in: above) == ["out"])
    #expect(try Path.names(in: scratch.file("deep/er/out")) == ["one", "two"])
  }

  @Test func `a directory that holds something is never overwritten`() throws {
    let scratch = try Scratch()
    try AtomicFile.write([1], to: scratch.file("mine"))
    let error = #expect(throws: InputError.self) { try AtomicDirectory(scratch.path) }
    #expect(error?.problem == "exists and is not empty")
    #expect(error?.kind == .usage)
    #expect(throws: InputError.self) { try AtomicDirectory(scratch.file("mine")) }
    #expect(try Path.names(in: scratch.path) == ["mine"])
  }

  @Test func `an empty directory may be filled`() throws {
    let scratch = try Scratch()
    let path = scratch.file("out")
    try Path.makeDirectory(path)
    let directory = try AtomicDirectory(path)
    try directory.write([1], as: "one")
    try directory.commit()
    #expect(try Path.names(in: path) == ["one"])
  }

  @Test func `a log grows by whole lines, after a cut-off one too`() throws {
    let scratch = try Scratch()
    let path = scratch.file("log")
    try AppendingFile(path).append(Array("one".utf8))
    try AppendingFile(path).append(Array("two".utf8))
    #expect(try ByteFile.contents(of: path) == Array("one\ntwo\n".utf8))
    try AtomicFile.write(Array("one\ntw".utf8), to: path)
    try AppendingFile(path).append(Array("three".utf8))
    #expect(try ByteFile.contents(of: path) == Array("one\ntw\nthree\n".utf8))
  }

  @Test func `a directory that fills up meanwhile is kept`() throws {
    let scratch = try Scratch()
    let path = scratch.file("out")
    do {
      let directory = try AtomicDirectory(path)
      try directory.write([1], as: "one")
      try Path.makeDirectory(path)
      try AtomicFile.write([2], to: Path.join(path, "theirs"))
      #expect(throws: InputError.self) { try directory.commit() }
    }
    #expect(try Path.names(in: path) == ["theirs"])
    #expect(try Path.names(in: scratch.path) == ["out"])
  }
}

private final class Counter: Sendable {
  private let value = Mutex(0)

  func next() -> Int {
    value.withLock {
      $0 += 1
      return $0
    }
  }

  var count: Int { value.withLock { $0 } }
}
