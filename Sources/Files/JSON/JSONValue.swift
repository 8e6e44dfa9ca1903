/// A JSON value as it stands in a file: members keep their order, numbers their digits.
///
/// Foundation's own reader merges keys that differ only in Unicode form, keeps one of two equal keys
/// and takes 1.0 for an integer. None of that is right for a vocabulary or a hostile header.
public enum JSONValue: Sendable {
  /// `null`.
  case null
  /// `true` or `false`.
  case bool(Bool)
  /// A number, kept as written.
  case number(JSONNumber)
  /// A string.
  case string(String)
  /// An array.
  case array([JSONValue])
  /// An object.
  case object(JSONObject)

  /// The member of an object with exactly these bytes as its key; nil for anything else.
  public subscript(key: String) -> JSONValue? {
    if case .object(let object) = self { object[key] } else { nil }
  }

  /// The truth value, if this is one.
  public var bool: Bool? { if case .bool(let value) = self { value } else { nil } }

  /// The integer, if this is a number without fraction or exponent that fits.
  public var int: Int? { if case .number(let number) = self { number.int } else { nil } }

  /// The number nearest to what is written, if this is one and it is finite.
  public var double: Double? { if case .number(let number) = self { number.double } else { nil } }

  /// The string, if this is one.
  public var string: String? { if case .string(let text) = self { text } else { nil } }

  /// The elements, if this is an array.
  public var array: [JSONValue]? { if case .array(let elements) = self { elements } else { nil } }

  /// The object, if this is one.
  public var object: JSONObject? { if case .object(let object) = self { object } else { nil } }

  /// Whether this is `null`.
  public var isNull: Bool { if case .null = self { true } else { false } }

  /// What the value is, for a sentence: "an array".
  public var kindName: String {
    switch self {
    case .null: "null"
    case .bool: "a truth value"
    case .number: "a number"
    case .string: "a string"
    case .array: "an array"
    case .object: "an object"
    }
  }
}

extension JSONValue: Equatable {
  /// Whether both are written with the same digits, bytes and order of members.
  public static func == (one: JSONValue, other: JSONValue) -> Bool {
    switch (one, other) {
    case (.null, .null): true
    case (.bool(let one), .bool(let other)): one == other
    case (.number(let one), .number(let other)): one == other
    case (.string(let one), .string(let other)): one.utf8.elementsEqual(other.utf8)
    case (.array(let one), .array(let other)): one == other
    case (.object(let one), .object(let other)): one == other
    default: false
    }
  }
}

/// A number as its digits: nothing is rounded until somebody asks for a value.
public struct JSONNumber: Equatable, Sendable {
  /// The digits as written, following the grammar of RFC 8259.
  public let text: String

  init(unchecked text: String) { self.text = text }

  /// An integer.
  public init(_ value: Int) { text = String(value) }

  /// A finite number, in the shortest form that reads back as the same value.
  public init(_ value: Double) {
    precondition(value.isFinite, "JSON has no way to write \(value)")
    text = "\(value)"
  }

  /// The value, if it is written without fraction or exponent and fits into 64 bits.
  public var int: Int? { Int(text) }

  /// The nearest value, unless it is beyond the largest one.
  public var double: Double? {
    guard let value = Double(text), value.isFinite else { return nil }
    return value
  }
}

extension JSONValue: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral,
  ExpressibleByFloatLiteral, ExpressibleByBooleanLiteral, ExpressibleByArrayLiteral,
  ExpressibleByDictionaryLiteral, ExpressibleByNilLiteral
{
  /// A string.
  public init(stringLiteral value: String) { self = .string(value) }
  /// An integer.
  public init(integerLiteral value: Int) { self = .number(JSONNumber(value)) }
  /// A finite number.
  public init(floatLiteral value: Double) { self = .number(JSONNumber(value)) }
  /// A truth value.
  public init(booleanLiteral value: Bool) { self = .bool(value) }
  /// An array.
  public init(arrayLiteral elements: JSONValue...) { self = .array(elements) }
  /// An object with its members in this order; a key may occur once.
  public init(dictionaryLiteral elements: (String, JSONValue)...) {
    self = .object(JSONObject(elements))
  }
  /// `null`.
  public init(nilLiteral: ()) { self = .null }

  /// An integer.
  public static func int(_ value: Int) -> JSONValue { .number(JSONNumber(value)) }
  /// A finite number.
  public static func double(_ value: Double) -> JSONValue { .number(JSONNumber(value)) }
}
