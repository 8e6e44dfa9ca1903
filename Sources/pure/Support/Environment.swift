#if canImport(Glibc)
  import Glibc
#endif

/// The variables of this process.
enum Environment {
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
