import Files

/// Strict JSON; what is read can be written in every layout.
struct JSONTarget: FuzzTarget {
  static let name = "json"
  private let file: String

  init(in folder: String) { file = Path.join(folder, "case.json") }

  func seeds() throws -> [[UInt8]] {
    let texts = [
      #"{"a":[1,2.5e-3,{"b":"c\u00e9\n"}],"d":null,"e":{"f":true,"g":false,"":"\ud83d\ude00"}}"#,
      #" [ -0 , 1E+2, "\"\\\/\b\f\n\r\t\u0000" , {} , [[[]]] ] "#, "0",
    ]
    return texts.map { Array($0.utf8) } + [try fixture("models/bert/tokenizer.json")]
  }

  func read(_ bytes: [UInt8]) throws {
    let value = try JSONValue(parsing: bytes, file: file)
    for (layout, keepsOrder) in [
      (JSONValue.Layout.compact, true), (.pretty, true), (.canonical, false),
    ] {
      let text = value.serialized(layout)
      let again = try JSONValue(parsing: text, file: file)
      claim(again.serialized(layout) == text, "is written in two ways")
      claim(!keepsOrder || again == value, "is another value when it was written and read")
    }
  }
}
