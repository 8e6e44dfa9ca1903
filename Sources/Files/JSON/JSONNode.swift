/// A JSON value that knows which file and key it came from, so that its errors can say so.
public struct JSONNode: Sendable {
  /// The value.
  public let value: JSONValue
  /// The path of the file.
  public let file: String
  /// The way down to the value, such as `model.vocab`; empty at the outermost one.
  public let path: String

  /// The outermost value of a file.
  public init(_ value: JSONValue, file: String) { self.init(value, file: file, path: "") }

  /// Reads a file that holds one JSON value.
  ///
  /// - Parameter limit: the largest file in bytes that is read.
  /// - Throws: `InputError` if the file cannot be read or is not strict JSON.
  public init(contentsOf file: String, limit: Int = 1 << 24) throws(InputError) {
    self.init(try JSONValue(contentsOf: file, limit: limit), file: file)
  }

  private init(_ value: JSONValue, file: String, path: String) {
    self.value = value
    self.file = file
    self.path = path
  }

  /// An error about this value.
  public func error(_ problem: String, remedy: String = "") -> InputError {
    InputError(
      file: file, place: path.isEmpty ? nil : .key(path), problem: problem, remedy: remedy)
  }

  /// The member with this key.
  ///
  /// - Throws: `InputError` if this is no object, or has no such member, or that is `null`.
  public func required(_ key: String) throws(InputError) -> JSONNode {
    guard let node = try optional(key) else {
      throw JSONNode(.null, file: file, path: JSONPath.appending(key, to: path))
        .error("is missing", remedy: "add it or get the file again")
    }
    return node
  }

  /// The member with this key, or nil if there is none or it is `null`.
  ///
  /// - Throws: `InputError` if this is no object.
  public func optional(_ key: String) throws(InputError) -> JSONNode? {
    guard let member = try object()[key], !member.isNull else { return nil }
    return JSONNode(member, file: file, path: JSONPath.appending(key, to: path))
  }

  /// All members of the object.
  ///
  /// - Throws: `InputError` if this is no object.
  public func members() throws(InputError) -> [(key: String, node: JSONNode)] {
    try object().members.map {
      ($0.key, JSONNode($0.value, file: file, path: JSONPath.appending($0.key, to: path)))
    }
  }

  /// All elements of the array.
  ///
  /// - Throws: `InputError` if this is no array.
  public func elements() throws(InputError) -> [JSONNode] {
    guard let array = value.array else { throw mismatch("an array") }
    return array.enumerated().map {
      JSONNode($0.element, file: file, path: path + "[\($0.offset)]")
    }
  }

  /// The object.
  ///
  /// - Throws: `InputError` if this is something else.
  public func object() throws(InputError) -> JSONObject {
    guard let object = value.object else { throw mismatch("an object") }
    return object
  }

  /// The string.
  ///
  /// - Throws: `InputError` if this is something else.
  public func string() throws(InputError) -> String {
    guard let string = value.string else { throw mismatch("a string") }
    return string
  }

  /// The truth value.
  ///
  /// - Throws: `InputError` if this is something else.
  public func bool() throws(InputError) -> Bool {
    guard let bool = value.bool else { throw mismatch("true or false") }
    return bool
  }

  /// The integer; 1.0 is not one.
  ///
  /// - Throws: `InputError` if this is something else or outside the range.
  public func int(in range: ClosedRange<Int> = .min ... .max) throws(InputError) -> Int {
    guard let int = value.int else { throw mismatch("an integer") }
    guard range.contains(int) else {
      throw error(
        "is \(int), outside \(range.lowerBound) to \(range.upperBound)", remedy: "correct it")
    }
    return int
  }

  /// The number.
  ///
  /// - Throws: `InputError` if this is something else, not finite or outside the range.
  public func double(
    in range: ClosedRange<Double> = -Double.greatestFiniteMagnitude...Double.greatestFiniteMagnitude
  ) throws(InputError) -> Double {
    guard let double = value.double else { throw mismatch("a finite number") }
    guard range.contains(double) else {
      throw error(
        "is \(double), outside \(range.lowerBound) to \(range.upperBound)", remedy: "correct it")
    }
    return double
  }

  private func mismatch(_ expected: String) -> InputError {
    let found =
      if case .number(let number) = value {
        Terminal.abbreviated(number.text, limit: 30)
      } else {
        value.kindName
      }
    return error("is \(found) where \(expected) is due", remedy: "correct it")
  }
}
