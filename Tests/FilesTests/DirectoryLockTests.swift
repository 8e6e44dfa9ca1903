import Files
import TestSupport
import Testing

@Suite struct DirectoryLockTests {
  @Test func `a directory has one holder at a time`() throws {
    let scratch = try Scratch()
    var first = try DirectoryLock(scratch.path)
    #expect(first != nil)
    #expect(try DirectoryLock(scratch.path) == nil)
    first = nil
    #expect(try DirectoryLock(scratch.path) != nil)
  }

  @Test func `a directory that its holder has removed is nobody's`() throws {
    let scratch = try Scratch()
    let path = scratch.file("work")
    #expect(try DirectoryLock(path) == nil)
    try Path.makeDirectory(path)
    let first = try DirectoryLock(path)
    #expect(first != nil)
    try Path.remove(path)
    #expect(try DirectoryLock(path) == nil)
    // Another of the same name is another directory.
    try Path.makeDirectory(path)
    #expect(try DirectoryLock(path) != nil)
  }

  @Test func `what is no directory cannot be held`() throws {
    let scratch = try Scratch()
    let file = try scratch.write("text", to: "file")
    #expect(throws: InputError.self) { try DirectoryLock(file) }
  }
}
