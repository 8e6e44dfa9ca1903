import Files
import Glibc

/// The reader that this process tries.
private struct FuzzRun {
  let target: any FuzzTarget

  nonisolated(unsafe) static var current: FuzzRun?

  /// Reads an input.
  ///
  /// - Returns: a number for what came of it, the same for what came to the same.
  func outcome(of bytes: [UInt8]) -> UInt32 {
    do {
      try target.read(bytes)
      // Among inputs that are right a longer one is something new.
      return UInt32(bytes.count.bitWidth - bytes.count.leadingZeroBitCount)
    } catch let error as InputError {
      requireUseful(error)
      return shape(of: error)
    } catch {
      fatalError("was refused by what is no InputError: \(error)")
    }
  }

  private func requireUseful(_ error: InputError) {
    claim(error.file?.isEmpty == false, "an error that names no file: \(error)")
    claim(!error.problem.isEmpty && !error.remedy.isEmpty, "an error of no use: \(error)")
    claim(error.description.utf8.count < 4096, "an error of \(error.description.utf8.count) bytes")
  }

  /// A hash of the words that a sentence has whatever it is about.
  private func shape(of error: InputError) -> UInt32 {
    var hash: UInt32 = 2_166_136_261
    let words = error.problem.utf8.split(separator: UInt8(ascii: " "))
    for word in words.prefix(12) where word.allSatisfy({ (0x61...0x7A).contains($0) }) {
      for byte in word { hash = (hash ^ UInt32(byte)) &* 16_777_619 }
    }
    // Where it is says more than what is wrong where a value is of another kind.
    if case .key(let path) = error.place {
      for byte in path.utf8 where byte >= 0x41 { hash = (hash ^ UInt32(byte)) &* 16_777_619 }
    }
    return hash
  }
}

/// Reads the words of the command line, and leaves libFuzzer those that it understands.
@_cdecl("pure_fuzzBegin")
public func begin(
  _ count: UnsafeMutablePointer<CInt>,
  _ words: UnsafeMutablePointer<UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?>
) {
  // Swift's handlers would keep libFuzzer from saving the input at which the process ends.
  for number in [SIGILL, SIGTRAP, SIGABRT, SIGSEGV, SIGBUS, SIGFPE] { signal(number, SIG_DFL) }
  if CommandLine.arguments.dropFirst() == ["--list"] {
    print(FuzzArguments.names.joined(separator: "\n"))
    exit(0)
  }
  do {
    let (reader, line) = try FuzzArguments(CommandLine.arguments).prepare()
    unsafe FuzzRun.current = FuzzRun(target: reader)
    // They are needed until the process ends.
    let copies = UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>.allocate(
      capacity: line.count + 1)
    for (index, word) in line.enumerated() { unsafe copies[index] = unsafe strdup(word) }
    unsafe copies[line.count] = nil
    unsafe words.pointee = copies
    unsafe count.pointee = CInt(line.count)
  } catch {
    let text = Array("fuzz: \(error)\n".utf8)
    _ = unsafe text.withUnsafeBytes { unsafe write(STDERR_FILENO, $0.baseAddress, $0.count) }
    exit(2)
  }
}

/// Tries one input.
@_cdecl("pure_fuzzCase")
public func tryCase(_ bytes: UnsafePointer<UInt8>?, _ size: Int) -> UInt32 {
  guard let run = unsafe FuzzRun.current else { fatalError("nothing was begun") }
  return run.outcome(of: unsafe Array(UnsafeBufferPointer(start: bytes, count: size)))
}
