import Files
import Laboratory

#if canImport(Glibc)
  import Glibc
#endif

/// Results go to standard output, everything else to standard error.
struct Console {
  static func print(_ text: String) { write(text + "\n", to: STDOUT_FILENO) }
  static func note(_ text: String) { write(text + "\n", to: STDERR_FILENO) }
  static func print(_ value: JSONValue) { print(value.text(.pretty)) }

  /// Writes without buffering; a reader that went away ends the program quietly, as `head` does to any tool.
  static func write(_ text: String, to descriptor: Int32) {
    var bytes = Array(text.utf8)[...]
    while !bytes.isEmpty {
      let count = unsafe bytes.withUnsafeBytes {
        unsafe Glibc.write(descriptor, $0.baseAddress, $0.count)
      }
      if count < 0 && errno == EINTR { continue }
      if count <= 0 { exit(descriptor == STDOUT_FILENO ? 2 : 101) }
      bytes = bytes.dropFirst(count)
    }
  }
}
