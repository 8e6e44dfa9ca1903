import Files

#if canImport(Glibc)
  import Glibc
#endif

/// What this process was started with.
enum Environment {
  /// The words after the program's name.
  ///
  /// - Throws: `InputError` for one that is not UTF-8: as a text it would be another word, and name
  ///   another file.
  static func words() throws(InputError) -> [String] {
    var words: [String] = []
    for number in 1..<max(1, Int(CommandLine.argc)) {
      guard let word = unsafe CommandLine.unsafeArgv[number] else { break }
      let bytes = unsafe [UInt8](UnsafeRawBufferPointer(start: word, count: strlen(word)))
      guard let text = String(validating: bytes, as: UTF8.self) else {
        throw InputError(
          .usage,
          problem: "\"\(String(decoding: bytes, as: UTF8.self))\" is not valid UTF-8",
          remedy: "rename the file, or go to its folder and name it from there")
      }
      words.append(text)
    }
    return words
  }

  /// The variables.
  static var variables: [String: String] {
    var result: [String: String] = [:]
    var entry = unsafe environ
    while let text = unsafe entry.pointee {
      let variable = unsafe String(cString: text)
      if let equals = variable.utf8.firstIndex(of: UInt8(ascii: "=")) {
        result[String(variable[..<equals])] = String(
          variable[variable.utf8.index(after: equals)...])
      }
      unsafe entry += 1
    }
    return result
  }
}
