import Files
import FoundationEssentials
import Glibc
import TestSupport

/// The built `pure`, or another program, run as users run it.
struct Program {
  /// What a run came to.
  struct Outcome {
    /// The exit status, or 128 and the number of the signal that ended it.
    let code: Int
    let output: String
    var errors: String

    /// The documents of `output`, one a line.
    var jsonLines: [JSONValue] {
      get throws {
        try output.split(separator: "\n").map { try JSONValue(parsing: Array($0.utf8)) }
      }
    }
  }

  /// A run under way.
  struct Process {
    let number: pid_t
    fileprivate let streams: [String]

    func send(_ signal: Int32) { kill(number, signal) }

    var isRunning: Bool { Program.isRunning(number) }

    /// What it has said so far on standard error.
    func errors() throws -> String {
      // It is there once the shell has made it.
      guard Path.isFile(streams[1]) else { return "" }
      return String(decoding: try ByteFile.contents(of: streams[1]), as: UTF8.self)
    }

    /// Waits for the end.
    func outcome() throws -> Outcome {
      var status: Int32 = 0
      while unsafe waitpid(number, &status, 0) == -1, errno == EINTR {}
      let signal = Int(status & 0x7F)
      let texts = try streams.map { path in
        Path.isFile(path) ? String(decoding: try ByteFile.contents(of: path), as: UTF8.self) : ""
      }
      return Outcome(
        code: signal == 0 ? Int(status >> 8) & 0xFF : 128 + signal, output: texts[0],
        errors: texts[1])
    }
  }

  /// What has ended and only waits to be noticed runs no more.
  static func isRunning(_ number: pid_t) -> Bool {
    let stat = FileManager.default.contents(atPath: "/proc/\(number)/stat")
    let text = stat.map { String(decoding: $0, as: UTF8.self) } ?? ""
    guard let end = text.lastIndex(of: ")") else { return false }
    return !text[end...].dropFirst(2).hasPrefix("Z")
  }

  /// Where runs take place and relative paths begin.
  let scratch: Scratch
  /// The file that is run.
  var path = pure

  /// The program lies beside the bundle of tests that runs this.
  static let pure: String = {
    let bundle =
      (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? ""
    return Path.join(Path.parent(of: bundle), "pure")
  }()

  /// Starts it.
  ///
  /// - Parameters:
  ///   - environment: variables, each `NAME=value`.
  ///   - output: a file for standard output instead of the outcome.
  ///   - closed: standard streams that the program finds closed.
  ///   - limit: the largest file that it may write, in blocks of 512 bytes.
  func start(
    _ arguments: [String], environment: [String] = [], output: String? = nil, closed: [Int] = [],
    limit: Int? = nil
  ) throws -> Process {
    let name = UUID().uuidString
    let streams = [output ?? scratch.file(name + ".out"), scratch.file(name + ".err")]
    // The shell becomes the program, so that signals reach it.
    let script =
      "cd \(scratch.path) && \(limit.map { "ulimit -f \($0) && " } ?? "")exec \"$0\" \"$@\" "
      + "</dev/null >\(streams[0]) 2>\(streams[1])" + closed.map { " \($0)>&-" }.joined()
    var words = unsafe (["sh", "-c", script, path] + arguments).map { unsafe strdup($0) }
    unsafe words.append(nil)
    var variables = unsafe (["PATH=/usr/bin:/bin"] + environment).map { unsafe strdup($0) }
    unsafe variables.append(nil)
    defer { unsafe (words + variables).forEach { unsafe free($0) } }
    // Threads of a test's pool block signals, and what they start would too.
    var attributes = posix_spawnattr_t()
    var mask = sigset_t()
    unsafe sigemptyset(&mask)
    unsafe posix_spawnattr_init(&attributes)
    unsafe posix_spawnattr_setsigmask(&attributes, &mask)
    unsafe posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK))
    defer { unsafe _ = posix_spawnattr_destroy(&attributes) }
    var number: pid_t = 0
    let code = unsafe posix_spawn(&number, "/bin/sh", nil, &attributes, words, variables)
    guard code == 0 else {
      throw InputError(file: "/bin/sh", problem: "cannot be run (error \(code))")
    }
    return Process(number: number, streams: streams)
  }

  /// Runs it to its end.
  func run(_ arguments: String...) throws -> Outcome { try run(arguments) }

  /// Runs it to its end.
  func run(
    _ arguments: [String], environment: [String] = [], output: String? = nil, closed: [Int] = [],
    limit: Int? = nil
  ) throws -> Outcome {
    try start(
      arguments, environment: environment, output: output, closed: closed, limit: limit
    ).outcome()
  }
}

/// The package that these tests belong to.
let packageRoot = Path.parent(of: Path.parent(of: Path.parent(of: #filePath)))

/// The smallest BERT of the fixtures: two layers of three heads, three classes.
let tinyModel = Path.join(packageRoot, "Tests/Fixtures/models/bert")
