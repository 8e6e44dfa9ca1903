import Files
import Testing

@Suite struct JSONTests {
  private func parse(_ text: String) throws(InputError) -> JSONValue {
    try JSONValue(parsing: Array(text.utf8), file: "a.json")
  }

  @Test func `members keep their order and numbers their digits`() throws {
    let text = #"{"b":1.0,"a":[1e-12,-0,12345678901234567890],"c":{"x":null,"y":true}}"#
    let value = try parse(text)
    #expect(value.text() == text)
    #expect(value["b"]?.int == nil)
    #expect(value["b"]?.double == 1)
    #expect(value["a"]?.array?.map(\.int) == [nil, 0, nil])
    #expect(value["c"]?["y"]?.bool == true)
  }

  @Test func `keys that differ only in Unicode form are two keys`() throws {
    let value = try parse("{\"\u{E9}\":1,\"e\u{301}\":2}")
    #expect(value.object?.count == 2)
    #expect(value["\u{E9}"]?.int == 1)
    #expect(value["e\u{301}"]?.int == 2)
  }

  @Test func `strings are equal by their bytes`() throws {
    #expect(try parse("\"\u{E9}\"") != parse("\"e\u{301}\""))
    #expect(try parse(#""\u00e9""#) == parse("\"\u{E9}\""))
  }

  @Test func `escapes become the characters that they name`() throws {
    let value = try parse(#""\"\\\/\b\f\n\r\t\u0041\ud83d\ude00""#)
    #expect(
      value.string?.unicodeScalars.elementsEqual("\"\\/\u{8}\u{C}\n\r\tA😀".unicodeScalars) == true)
  }

  @Test(arguments: [
    ("", 0), ("  ", 2), ("{", 1), ("[1,]", 3), ("{\"a\":1,}", 7), ("[1 2]", 3), ("01", 1),
    ("1.", 2), ("1e", 2), ("-", 1), ("+1", 0), (".5", 0), ("NaN", 0), ("Infinity", 0),
    ("nul", 0), ("\"a", 2), ("\"\t\"", 1), ("\"\\x\"", 1), ("\"\\u12g4\"", 5),
    ("\"\\ud800\"", 1), ("\"\\udc00\"", 1), ("\"\\ud800\\u0041\"", 1), ("{\"a\":1,\"a\":2}", 7),
    ("{\"a\":1,\"\\u0061\":2}", 7), ("{a:1}", 1), ("{\"a\" 1}", 5), ("1 1", 2), ("\u{FEFF}1", 0),
    ("// x\n1", 0), ("[1]\u{0}", 3),
  ])
  func `whatever is not JSON is refused at its byte`(text: String, offset: Int) {
    let error = #expect(throws: InputError.self) { try parse(text) }
    guard case .json(_, _, let byte) = error?.place else {
      Issue.record("no place in \(String(describing: error))")
      return
    }
    #expect(byte == offset)
  }

  @Test(
    arguments: [
      [0x22, 0xC3, 0x22], [0x22, 0xC0, 0x80, 0x22], [0x22, 0xED, 0xA0, 0x80, 0x22],
      [0x22, 0xF5, 0x80, 0x80, 0x80, 0x22], [0x22, 0x80, 0x22],
    ] as [[UInt8]])
  func `bytes that are not UTF-8 are refused`(bytes: [UInt8]) {
    let error = #expect(throws: InputError.self) { try JSONValue(parsing: bytes) }
    #expect(error?.place == .json(path: "", line: 1, byte: 1))
    #expect(error?.problem == "is not valid UTF-8")
  }

  @Test func `a fault names its file, path, line and byte`() {
    let error = #expect(throws: InputError.self) {
      try parse("{\"model\":\n {\"vocab\": [1, {\"a b\": tru}]}}")
    }
    #expect(
      error?.description
        == #"a.json, model.vocab[1]["a b"], line 2, byte 33: has no value here; "#
        + "correct the JSON or get the file again")
  }

  @Test func `nesting stops at the limit`() throws {
    let deep = { (levels: Int) in
      Array(String(repeating: "[", count: levels).utf8)
        + Array(String(repeating: "]", count: levels).utf8)
    }
    _ = try JSONValue(parsing: deep(128))
    #expect(throws: InputError.self) { try JSONValue(parsing: deep(129)) }
    #expect(throws: InputError.self) { try JSONValue(parsing: deep(1_000_000)) }
  }

  @Test func `every scalar survives writing and reading`() throws {
    var text = ""
    for code in UInt32(0)..<0x30000 {
      if let scalar = Unicode.Scalar(code) { text.unicodeScalars.append(scalar) }
    }
    let value = JSONValue.string(text)
    #expect(try JSONValue(parsing: value.serialized()) == value)
  }

  @Test func `the canonical layout orders keys by their bytes, the pretty one leaves them`() {
    let value: JSONValue = ["b": 1, "a": [true, nil], "B": [:]]
    #expect(value.text(.canonical) == #"{"B":{},"a":[true,null],"b":1}"#)
    #expect(
      value.text(.pretty)
        == """
        {
          "b": 1,
          "a": [
            true,
            null
          ],
          "B": {}
        }
        """)
  }

  @Test func `an object keeps its keys through changes`() {
    var object = JSONObject()
    for index in 0..<1000 { object["key \(index)"] = .int(index) }
    for index in stride(from: 0, to: 1000, by: 3) { object["key \(index)"] = nil }
    object["key 1"] = .int(-1)
    #expect(object.count == 666)
    #expect(object["key 0"] == nil)
    #expect(object["key 1"]?.int == -1)
    #expect(object["key 998"]?.int == 998)
    #expect(object.keys.first == "key 1")
    let isNew = object.append("key 1", nil)
    #expect(!isNew)
  }

  @Test func `doubles are written so that they read back the same`() throws {
    for value in [0.1, 1e-12, 1e300, -.leastNonzeroMagnitude, 1 / 3.0, 1e16, 123456789.25] {
      let text = JSONValue.double(value).text()
      #expect(try parse(text).double == value)
    }
    #expect(try parse("1e999").double == nil)
  }

  @Test func `a node says where its value stands`() throws {
    let node = JSONNode(try parse(#"{"a":{"b":[1,1.0,"x"]}}"#), file: "config.json")
    let elements = try node.required("a").required("b").elements()
    #expect(try elements[0].int(in: 0...1) == 1)
    #expect(
      throws: InputError(
        file: "config.json", place: .key("a.b[1]"), problem: "is 1.0 where an integer is due",
        remedy: "correct it")
    ) { try elements[1].int() }
    let missing = #expect(throws: InputError.self) { try node.required("hidden_size") }
    #expect(
      missing?.description
        == "config.json, hidden_size: is missing; add it or get the file again")
    #expect(try node.optional("hidden_size")?.value == nil)
  }
}
