import Files
import Laboratory

#if canImport(Glibc)
  import Glibc
#endif

/// Where a scan's page goes, and the folder beside it that keeps what is found until then. Without
/// a page that folder lies where the system has such, and goes with the run.
final class ScanOutput {
  let stateDirectory: String
  private let path: String?
  private let file: ReportFile?

  /// Takes the place before any work.
  ///
  /// - Parameters:
  ///   - path: of the page; nil for none.
  ///   - identity: a hash of all that the result depends on.
  init(_ path: String?, identity: String) throws {
    self.path = path
    guard let path else {
      file = nil
      stateDirectory = try Self.temporaryDirectory()
      return
    }
    let above = Path.parent(of: path)
    try Path.makeDirectory(above)
    file = try ReportFile(path)
    stateDirectory = Path.join(above, ".\(Path.name(of: path)).scan-\(identity.prefix(16))")
    try Path.makeDirectory(stateDirectory)
  }

  deinit {
    if file == nil { try? Path.remove(stateDirectory) }
    Path.removeEmptyDirectories(stateDirectory)
  }

  /// Writes the page; nothing needs to be kept any more, of runs with other settings either:
  /// whoever holds the page's place is alone with it.
  func write(_ page: @autoclosure () -> String) throws {
    try file?.write(page())
    try Path.remove(stateDirectory)
    guard let path else { return }
    let above = Path.parent(of: path)
    for name in try Path.names(in: above) where name.hasPrefix(".\(Path.name(of: path)).scan-") {
      try Path.remove(Path.join(above, name))
    }
  }

  private static func temporaryDirectory() throws -> String {
    let above = Environment.variables["TMPDIR"] ?? "/tmp"
    var template = Array(Path.join(above, "pure-scan-XXXXXX").utf8CString)
    let made = unsafe template.withUnsafeMutableBufferPointer { buffer in
      guard let start = buffer.baseAddress else { return false }
      return unsafe mkdtemp(start) != nil
    }
    guard made else {
      throw InputError(
        file: above, problem: "takes no folder for what is found on the way",
        remedy: "name a page with --out, or another folder with TMPDIR")
    }
    return String(decoding: template.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self)
  }
}
