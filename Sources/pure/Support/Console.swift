import Files
import Laboratory

#if canImport(Glibc)
  import Glibc
#endif

/// Results go to standard output, everything else to standard error.
struct Console {
  static func print(_ text: String) { write(harmless(text) + "\n") }
  static func note(_ text: String) { show(harmless(text) + "\n") }

  static func print(_ value: JSONValue, as layout: JSONValue.Layout = .pretty) {
    write(value.text(layout) + "\n")
  }

  /// Lines, of which none does anything to a terminal, whatever paths and names are in them.
  private static func harmless(_ text: String) -> String {
    text.split(separator: "\n", omittingEmptySubsequences: false)
      .map { Terminal.escaped(String($0)) }.joined(separator: "\n")
  }

  /// Writes results without buffering. A reader that went away ends the program quietly, as `head` does to any tool;
  /// results that cannot be written otherwise end it with a sentence.
  static func write(_ text: String) {
    guard let code = failure(of: text, on: STDOUT_FILENO) else { return }
    if code == EPIPE { exit(128 + SIGPIPE) }
    note("pure: standard output: cannot be written: \(message(of: code)); send it elsewhere")
    exit(ExitCode.badInput.rawValue)
  }

  /// Writes what a person may read. Work goes on when nobody can.
  static func show(_ text: String) { _ = failure(of: text, on: STDERR_FILENO) }

  /// Keeps files that are opened later from taking the number of a standard stream that the caller closed.
  static func reserveStandardStreams() {
    for descriptor in 0...2 as ClosedRange<Int32> where fcntl(descriptor, F_GETFD) == -1 {
      _ = unsafe open("/dev/null", O_RDONLY)
    }
  }

  private static func failure(of text: String, on descriptor: Int32) -> Int32? {
    var bytes = Array(text.utf8)[...]
    while !bytes.isEmpty {
      let count = unsafe bytes.withUnsafeBytes {
        unsafe Glibc.write(descriptor, $0.baseAddress, $0.count)
      }
      if count < 0 && errno == EINTR { continue }
      if count <= 0 { return errno }
      bytes = bytes.dropFirst(count)
    }
    return nil
  }

  private static func message(of code: Int32) -> String {
    guard code != EBADF, let text = unsafe strerror(code) else { return "it is closed" }
    return unsafe String(cString: text)
  }
}
