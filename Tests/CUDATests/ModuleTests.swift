import Files
import FoundationEssentials
import Tensors
import TestSupport
import Testing

/// The kernels' way from text to a loaded module.
@Suite struct ModuleTests {
  @Test func `a module is compiled once, found the next time, and compiled again when damaged`()
    throws
  {
    let folder = try Scratch()
    var note: String?
    func open() throws -> Bool {
      let backend = try Emulator.open(cacheFolder: folder.path + "/a/b").get()
      note = backend.note
      return backend.foundCompiledKernels
    }
    #expect(try !open())
    #expect(note == nil)
    #expect(try open())
    #expect(note == nil)
    let entry = try folder.entry()
    #expect(Path.name(of: entry).hasPrefix("kernels-") && entry.hasSuffix("-sm_86"))
    // Every length at which a write can have ended, and a byte that turned.
    let bytes = try ByteFile.contents(of: entry)
    for length in bytes.indices {
      try AtomicFile.write(Array(bytes[..<length]), to: entry)
      #expect(try !open(), "an entry of \(length) bytes was believed")
      #expect(note?.contains("\(entry) were damaged and have been compiled again") == true)
    }
    var turned = bytes
    turned[turned.count - 1] ^= 1
    try AtomicFile.write(turned, to: entry)
    #expect(try !open())
    #expect(try open())
  }

  @Test func `a cache that cannot be written costs a compilation, and says so`() throws {
    let folder = try Scratch()
    try Path.makeDirectory(folder.path)
    let file = Path.join(folder.path, "file")
    try AtomicFile.write([], to: file)
    let backend = try Emulator.open(cacheFolder: file + "/below").get()
    #expect(!backend.foundCompiledKernels)
    let note = try #require(backend.note)
    for words in [file + "/below", "Not a directory", "make that folder writable", "PURE_CACHE"] {
      #expect(note.contains(words), "\(note)")
    }
    let homeless = try Emulator.open(cacheFolder: nil).get()
    #expect(try #require(homeless.note).contains("no folder to keep compiled kernels in"))
  }

  @Test func `a cache that others can write is no cache`() throws {
    let folder = try Scratch()
    func open() throws -> (found: Bool, note: String?) {
      let backend = try Emulator.open(cacheFolder: folder.path + "/a/b").get()
      return (backend.foundCompiledKernels, backend.note)
    }
    #expect(try !open().found)
    let entry = try folder.entry()
    let modes = FileManager.default
    func setMode(_ mode: Int, of path: String) throws {
      try modes.setAttributes([.posixPermissions: mode], ofItemAtPath: path)
    }
    func mode(of path: String) throws -> Int? {
      try modes.attributesOfItem(atPath: path)[.posixPermissions] as? Int
    }
    #expect(try mode(of: entry) == 0o600 && mode(of: Path.parent(of: entry)) == 0o700)
    #expect(try open().found)

    try setMode(0o620, of: entry)
    let other = try open()
    #expect(!other.found && other.note?.contains("\(entry) belong to another user") == true)
    #expect(try open() == (true, nil) && mode(of: entry) == 0o600)

    try setMode(0o702, of: Path.parent(of: entry))
    let shared = try open()
    #expect(!shared.found && shared.note?.contains("chmod go-w") == true)
    try setMode(0o700, of: Path.parent(of: entry))
    #expect(try open().found)
  }

  @Test func `an entry is neither read nor written through a link`() throws {
    let folder = try Scratch()
    func open() throws -> Bool {
      try Emulator.open(cacheFolder: folder.path + "/a/b").get().foundCompiledKernels
    }
    #expect(try !open())
    let entry = try folder.entry()
    let elsewhere = folder.file("elsewhere")
    try FileManager.default.moveItem(atPath: entry, toPath: elsewhere)
    let bytes = try ByteFile.contents(of: elsewhere)
    try FileManager.default.createSymbolicLink(atPath: entry, withDestinationPath: elsewhere)
    #expect(try !open())
    #expect(!Path.isLink(entry))
    #expect(try open())
    #expect(try ByteFile.contents(of: elsewhere) == bytes)
    #expect(try Path.names(in: Path.parent(of: entry)).count == Self.moduleCount(.fp32))
  }

  /// The operations, and of attention what the table of choices has for three sizes of heads; in
  /// fp32 forward and backward of each.
  private static func moduleCount(_ precision: Precision) -> Int {
    if precision == .fp32 { return 1 + 2 * 3 }
    let chosen = [32, 64, 128].flatMap { features in
      (1...1024).flatMap {
        AttentionVariant.chosen(
          architecture: 86, precision: precision, features: features, longest: $0)
      }
    }
    return 1 + Set(chosen).count
  }

  @Test(arguments: Precision.allCases)
  func `what a precision needs is compiled, and fp32 when it is asked for`(precision: Precision)
    throws
  {
    let folder = try Scratch()
    let backend = try Emulator.open(cacheFolder: folder.file("a/b"), precision: precision).get()
    func entries() throws -> Int { try Path.names(in: folder.file("a/b")).count }
    #expect(try entries() == Self.moduleCount(precision))
    try backend.probe()
    #expect(try entries() == Self.moduleCount(precision))
    try Self.attend(on: backend.fullPrecision)
    #expect(
      try entries() == Self.moduleCount(precision)
        + (precision == .fp32 ? 0 : Self.moduleCount(.fp32) - 1))
    let again = try Emulator.open(cacheFolder: folder.file("a/b"), precision: precision).get()
    try Self.attend(on: again.fullPrecision)
    #expect(again.foundCompiledKernels)
  }

  private static func attend(on backend: any Backend) throws {
    let projected = try Tensor([2, 3 * 4], on: backend)
    try backend.fill(projected, with: 1)
    let inputs = AttentionInputs(
      sequences: PackedSequences(
        offsets: try Tensor([Int32(0), 2], on: backend), tokenCount: 2, longestSequence: 2),
      query: Columns(projected, offset: 0, size: 4), key: Columns(projected, offset: 4, size: 4),
      value: Columns(projected, offset: 8, size: 4), headCount: 1)
    let context = try Tensor(inputs.contextShape, on: backend)
    try backend.attention(inputs, into: context)
    #expect(try context.hostFloats() == Array(repeating: 1, count: 8))
  }

  @Test func `an entry of another source is not taken for this one's`() throws {
    let folder = try Scratch()
    func open() throws -> Bool {
      try Emulator.open(cacheFolder: folder.path + "/a/b").get().foundCompiledKernels
    }
    #expect(try !open())
    var bytes = try ByteFile.contents(of: folder.entry())
    // Behind the magic comes the hash of source, options, compiler and driver.
    bytes[8] ^= 1
    try AtomicFile.write(bytes, to: folder.entry())
    #expect(try !open())
  }

  /// The embedded text and the order of its includes, through the compiler that a GPU machine would
  /// use.
  @Test(.enabled(if: nvrtcFolder != nil, "NVRTC is not installed: scripts/set-up-nvrtc"))
  func `NVRTC compiles what the program carries`() async {
    await #expect(processExitsWith: .success) {
      Emulator.setEnvironment("VIRTUAL_ENV", try #require(nvrtcFolder))
      // A failure would carry the compiler's log.
      _ = try Emulator.openWithCompiler()
    }
  }
}

/// The environment that `scripts/set-up-nvrtc` makes.
private let nvrtcFolder: String? = {
  let folder =
    #filePath.split(separator: "/").dropLast(3).map { "/" + $0 }.joined() + "/.venv-kernels"
  return Path.exists(folder) ? folder : nil
}()

extension Scratch {
  /// The entry of the cache in `a/b`.
  fileprivate func entry() throws -> String {
    Path.join(file("a/b"), try #require(try Path.names(in: file("a/b")).first))
  }
}
