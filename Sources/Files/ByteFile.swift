/// A regular file open for reading at any place.
///
/// Bytes are copied by `pread`, never mapped: a file that shrinks under a mapping kills the
/// process, here it is an error that names the file.
public final class ByteFile: Sendable {
  /// The path as the caller wrote it.
  public let path: String
  /// The size in bytes when the file was opened.
  public let size: Int
  private let descriptor: Int32

  /// Opens a file, symbolic links followed (a Hugging Face cache is made of them).
  ///
  /// - Throws: `InputError` if the path is missing, unreadable or no regular file.
  public init(_ path: String) throws(InputError) {
    do {
      let descriptor = try System.openForReading(path)
      do {
        let status = try System.status(of: descriptor)
        guard !status.isDirectory else {
          throw InputError(file: path, problem: "is a directory", remedy: "name a file in it")
        }
        guard status.isRegular else {
          throw InputError(
            file: path, problem: "is not a regular file", remedy: "copy its content to a file")
        }
        self.path = path
        self.size = status.size
        self.descriptor = descriptor
      } catch {
        System.close(descriptor)
        throw error
      }
    } catch let error as InputError {
      throw error
    } catch let error as SystemError {
      throw error.describing(path, while: "be opened")
    } catch {
      preconditionFailure("opening a file threw \(error)")
    }
  }

  deinit { System.close(descriptor) }

  /// Reads `count` elements, little-endian, that start `offset` bytes into the file.
  ///
  /// - Throws: `InputError` if the file ends before them.
  public func read<Element: RawElement>(
    at offset: Int, count: Int, as type: Element.Type = UInt8.self
  ) throws(InputError) -> [Element] {
    precondition(offset >= 0 && count >= 0, "a range of a file cannot be negative")
    let (length, overflow) = count.multipliedReportingOverflow(by: MemoryLayout<Element>.stride)
    guard !overflow, offset <= size, length <= size - offset else {
      throw InputError(
        file: path, place: .byte(offset),
        problem: "ends after \(size) bytes, before the \(count) values that should be here",
        remedy: "get the file again, it seems cut off")
    }
    do {
      return try System.read(descriptor, at: offset, count: count, as: type)
    } catch {
      throw error.describing(path, while: "be read")
    }
  }

  /// The whole content of a file.
  ///
  /// - Parameter limit: the largest size in bytes that is accepted, checked before any allocation.
  /// - Throws: `InputError` if the file is missing, unreadable, too large or not regular.
  public static func contents(
    of path: String, limit: Int = largestSize
  ) throws(InputError) -> [UInt8] {
    let file = try ByteFile(path)
    guard file.size <= limit else { throw tooLarge(path, "\(file.size)", limit) }
    return try file.read(at: 0, count: file.size)
  }

  /// The whole content of a file that must not be empty.
  ///
  /// - Throws: `InputError` as `contents(of:limit:)` does, and if the file has no bytes.
  public static func nonEmptyContents(
    of path: String, limit: Int = largestSize
  ) throws(InputError) -> [UInt8] {
    let bytes = try contents(of: path, limit: limit)
    guard !bytes.isEmpty else {
      throw InputError(file: path, problem: "is empty", remedy: "check how it was made")
    }
    return bytes
  }

  /// All bytes of standard input.
  ///
  /// - Throws: `InputError` if it cannot be read, or does not end.
  public static func standardInput(limit: Int = largestSize) throws(InputError) -> [UInt8] {
    let name = "standard input"
    var bytes: [UInt8] = []
    while bytes.count <= limit {
      do {
        let chunk = try System.readNext(0, limit: 1 << 16)
        if chunk.isEmpty { return bytes }
        bytes += chunk
      } catch {
        throw error.describing(name, while: "be read")
      }
    }
    throw tooLarge(name, "\(bytes.count) or more", limit)
  }

  /// Of files that no format sets a limit to, in bytes.
  public static let largestSize = 1 << 32

  private static func tooLarge(_ path: String, _ size: String, _ limit: Int) -> InputError {
    InputError(
      file: path, problem: "has \(size) bytes, more than the \(limit) that are accepted",
      remedy: "check that it is the right file")
  }
}
