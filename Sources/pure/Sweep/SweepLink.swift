import Files
import Laboratory

#if canImport(Glibc)
  import Glibc
#endif

/// A worker's end of the two pipes to its sweep.
final class SweepLink {
  private var lines = LineBuffer()

  /// Signals are the sweep's to answer: it closes the pipe when work is to stop, and so does its
  /// end.
  init() {
    for number in [SIGINT, SIGTERM, SIGUSR1, SIGUSR2] { signal(number, SIG_IGN) }
  }

  /// Waits for the next line; nil when the sweep wants no more.
  func nextLine() -> [UInt8]? {
    while true {
      if let line = lines.next() { return line }
      guard lines.read(from: STDIN_FILENO) else { return nil }
    }
  }

  /// Whether the sweep has closed the pipe, or is gone.
  var isClosed: Bool {
    var entry = pollfd(fd: STDIN_FILENO, events: 0, revents: 0)
    return unsafe poll(&entry, 1, 0) == 1 && entry.revents & Int16(POLLHUP) != 0
  }

  /// Where nobody listens any more, `isClosed` soon says so too.
  func send(_ news: WorkerNews) {
    LineBuffer.write(news.json.serialized(), to: STDOUT_FILENO)
  }
}
