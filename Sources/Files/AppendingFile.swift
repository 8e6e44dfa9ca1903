/// A file that grows by whole lines and may be read at any time: a log of records.
public final class AppendingFile {
  /// The path of the file.
  public let path: String
  private let descriptor: Int32

  /// Opens a file for appending and creates it when it is missing.
  ///
  /// A last line that was cut off, by a crash or a full disk, is ended first, so that the next one
  /// is whole.
  ///
  /// - Throws: `InputError` if the path cannot be written.
  public init(_ path: String) throws(InputError) {
    self.path = path
    do {
      descriptor = try System.openForAppending(path)
    } catch {
      throw error.describing(path, while: "be opened")
    }
    let file = try ByteFile(path)
    if file.size > 0, try file.read(at: file.size - 1, count: 1) != [0x0A] { try append([]) }
  }

  deinit { System.close(descriptor) }

  /// Adds a line and waits until it is on the disk.
  ///
  /// - Parameter line: without its line end, which is added.
  /// - Throws: `InputError` if the disk refuses.
  public func append(_ line: [UInt8]) throws(InputError) {
    precondition(!line.contains(0x0A), "a record is one line")
    do {
      try System.write(line + [0x0A], to: descriptor)
      try System.synchronize(descriptor)
    } catch {
      throw error.describing(path, while: "be written")
    }
  }
}
