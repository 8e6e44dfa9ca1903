import Files
import Laboratory

#if canImport(Glibc)
  import Glibc
#endif

/// A process of this program that does stages, with a pipe to it and one from it.
final class WorkerProcess {
  private let number: pid_t
  private var input: Int32
  /// Where its news arrive.
  let output: Int32
  private var lines = LineBuffer()
  /// It has said something that it does not survive, or nothing can be read from it any more.
  private(set) var hasEnded = false

  /// Starts `pure` with these arguments.
  ///
  /// - Throws: `InputError` when the system has no room for another process.
  init(_ arguments: [String]) throws(InputError) {
    let (commands, answers) = (try Self.makePipe(), try Self.makePipe())
    // The worker's ends become its standard streams; all others close when it starts.
    var actions = unsafe posix_spawn_file_actions_t()
    unsafe posix_spawn_file_actions_init(&actions)
    unsafe posix_spawn_file_actions_adddup2(&actions, commands.reading, STDIN_FILENO)
    unsafe posix_spawn_file_actions_adddup2(&actions, answers.writing, STDOUT_FILENO)
    defer { unsafe _ = posix_spawn_file_actions_destroy(&actions) }
    var words = unsafe (["pure"] + arguments).map { unsafe strdup($0) }
    unsafe words.append(nil)
    defer { unsafe words.forEach { unsafe free($0) } }
    var number: pid_t = 0
    let code = unsafe posix_spawn(&number, "/proc/self/exe", &actions, nil, words, environ)
    close(commands.reading)
    close(answers.writing)
    guard code == 0 else {
      close(commands.writing)
      close(answers.reading)
      throw Self.failure("be started", code)
    }
    self.number = number
    input = commands.writing
    output = answers.reading
  }

  /// Sends a line; what a worker that is gone does not read shows as its end.
  func send(_ message: JSONValue) { LineBuffer.write(message.serialized(), to: input) }

  /// Takes in what has arrived; to be called when `output` is readable.
  func read() { if !lines.read(from: output) { hasEnded = true } }

  /// The next news that has arrived. What is no message ends the worker.
  func news() -> WorkerNews? {
    guard let line = lines.next() else { return nil }
    do {
      let news = try WorkerNews(JSONNode(line: line, from: "a worker"))
      switch news {
      case .fault, .refused: hasEnded = true
      default: break
      }
      return news
    } catch {
      hasEnded = true
      kill(number, SIGKILL)
      return .fault("its worker said what nobody understands: \(error)")
    }
  }

  /// Asks it to stop what it does at the next clean place, and then to end.
  func closeInput() {
    guard input >= 0 else { return }
    close(input)
    input = -1
  }

  /// Waits for its end and says how it came.
  func wait() -> String {
    closeInput()
    close(output)
    var status: Int32 = 0
    while unsafe waitpid(number, &status, 0) == -1, errno == EINTR {}
    let signal = status & 0x7F
    guard signal != 0 else {
      let code = status >> 8 & 0xFF
      return code == ExitCode.outOfMemory.rawValue
        ? "its worker had no memory left" : "its worker ended with exit code \(code)"
    }
    let name = unsafe strsignal(signal).map { unsafe String(cString: $0) } ?? "unknown"
    return "its worker was ended by signal \(signal) (\(name.lowercased()))"
  }

  private static func makePipe() throws(InputError) -> (reading: Int32, writing: Int32) {
    var ends: [Int32] = [-1, -1]
    guard unsafe pipe(&ends) == 0 else { throw failure("be reached", errno) }
    // Another worker that held an end would keep this one from seeing that the sweep is gone.
    for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
    return (ends[0], ends[1])
  }

  private static func failure(_ activity: String, _ code: Int32) -> InputError {
    let reason = unsafe strerror(code).map { unsafe String(cString: $0) } ?? "error \(code)"
    return InputError(
      problem: "a worker process cannot \(activity): \(reason)",
      remedy: "let the system have more processes or open files, or lower --workers-per-device")
  }
}
