import Files
import TestSupport
import Testing
import Text

/// Small tokenizers with the ids that PyPI `tokenizers` gives (`generate_tokenizers.py`).
private struct Oracle {
  let texts: [String]
  let cases: [JSONNode]

  init() throws {
    let root = try JSONNode(contentsOf: Path.join(testsFolder, "Fixtures/tokenizers.json"))
    texts = try root.required("texts").elements().map { try $0.string() }
    cases = try root.required("cases").elements()
  }

  func definition(_ name: String) throws -> JSONValue {
    let node = try #require(cases.first { $0.value["name"]?.string == name })
    return try node.required("tokenizer").value
  }

  static func ids(_ node: JSONNode) throws -> [[Int32]] {
    try node.elements().map { try $0.elements().map { Int32(try $0.int()) } }
  }
}

@Suite struct TokenizerTests {
  @Test func `ids are those of the tokenizers package`() throws {
    let oracle = try Oracle()
    #expect(oracle.cases.count == 7)
    for node in oracle.cases {
      let scratch = try Scratch()
      let tokenizer = try scratch.tokenizer(node.required("tokenizer").value)
      let name = try node.required("name").string()
      let expected = try Oracle.ids(node.required("ids"))
      let cut = try Oracle.ids(node.required("ids cut to 7"))
      #expect(expected.count == oracle.texts.count)
      #expect(tokenizer.encode(oracle.texts, maximumLength: 1000) == expected, "\(name)")
      for (index, text) in oracle.texts.enumerated() {
        #expect(
          tokenizer.encode(text, maximumLength: 1000) == expected[index], "\(name): \(text)")
        #expect(tokenizer.encode(text, maximumLength: 7) == cut[index], "\(name): \(text)")
      }
    }
  }

  @Test func `vocabulary files give what tokenizer.json gives`() throws {
    let oracle = try Oracle()
    for (name, switches) in [
      ("uncased", #"{}"#), ("cased", #"{"do_lower_case": false}"#),
      ("uncased with accents", #"{"strip_accents": false}"#),
    ] {
      let definition = try oracle.definition(name)
      let members = try #require(definition["model"]?["vocab"]?.object).members
      let words = members.sorted { $0.value.int ?? 0 < $1.value.int ?? 0 }.map(\.key)
      let scratch = try Scratch()
      try scratch.write(words.map { $0 + "\r\n" }.joined(), to: "vocab.txt")
      try scratch.write(switches, to: "tokenizer_config.json")
      let fromFiles = try Tokenizer.load(directory: scratch.path)
      let fromJSON = try scratch.tokenizer(definition)
      #expect(
        fromFiles.encode(oracle.texts, maximumLength: 1000)
          == fromJSON.encode(oracle.texts, maximumLength: 1000))
    }
  }

  @Test func `vocab.json with merges.txt gives what tokenizer.json gives`() throws {
    let oracle = try Oracle()
    let definition = try oracle.definition("byte-level with prefix")
    let model = try #require(definition["model"])
    var vocabulary = try #require(model["vocab"]?.object).members.map { ($0.key, $0.value) }
    let mask = try #require(definition["added_tokens"]?.array?.last?["id"])
    vocabulary.append(("<mask>", mask))
    let merges = try #require(model["merges"]?.array).map {
      ($0.array ?? []).compactMap(\.string).joined(separator: " ") + "\n"
    }
    let scratch = try Scratch()
    try scratch.write(JSONValue.object(JSONObject(vocabulary)).serialized(), to: "vocab.json")
    try scratch.write("#version: 0.2\n" + merges.joined(), to: "merges.txt")
    try scratch.write(#"{"add_prefix_space": true}"#, to: "tokenizer_config.json")
    let fromFiles = try Tokenizer.load(directory: scratch.path)
    let fromJSON = try scratch.tokenizer(definition)
    #expect(
      fromFiles.encode(oracle.texts, maximumLength: 1000)
        == fromJSON.encode(oracle.texts, maximumLength: 1000))
  }

  @Test(arguments: ["uncased", "byte-level"])
  func `a model without type is known by its settings`(name: String) throws {
    let oracle = try Oracle()
    let definition = try oracle.definition(name)
    let model = try #require(definition["model"]?.object)
    let untyped = JSONObject(model.members.filter { $0.key != "type" }.map { ($0.key, $0.value) })
    let members = try #require(definition.object).members.map {
      ($0.key, $0.key == "model" ? JSONValue.object(untyped) : $0.value)
    }
    let (typedFile, untypedFile) = (try Scratch(), try Scratch())
    let typed = try typedFile.tokenizer(definition)
    let older = try untypedFile.tokenizer(.object(JSONObject(members)))
    #expect(
      typed.encode(oracle.texts, maximumLength: 1000)
        == older.encode(oracle.texts, maximumLength: 1000))
  }

  @Test func `tokens and ids name each other`() throws {
    let scratch = try Scratch()
    let tokenizer = try scratch.tokenizer(Oracle().definition("uncased"))
    #expect(tokenizer.token(for: 9) == "##believ")
    #expect(tokenizer.id(of: "##believ") == 9)
    #expect(tokenizer.token(for: 4) == "[MASK]")
    #expect(tokenizer.token(for: Int32(tokenizer.idBound)) == nil)
    #expect(tokenizer.token(for: -1) == nil)
    #expect(tokenizer.id(of: "cafe\u{301}") == nil, "canonically equal to a token, but no token")
    #expect(tokenizer.id(of: "café") == 12)
    #expect(tokenizer.prefix == [2])
    #expect(tokenizer.suffix == [3])
  }

  @Test func `a text of a megabyte is cut without delay`() throws {
    let oracle = try Oracle()
    let long = String(repeating: "the movie é ", count: 80_000)
    let oneWord = String(repeating: "the", count: 350_000)
    for name in ["uncased", "byte-level"] {
      let scratch = try Scratch()
      let tokenizer = try scratch.tokenizer(oracle.definition(name))
      let start = ContinuousClock.now
      #expect(tokenizer.encode(long, maximumLength: 128).count == 128)
      #expect(tokenizer.encode(oneWord, maximumLength: 128).count <= 128)
      // Anything quadratic in the length would take hours.
      #expect(ContinuousClock.now - start < .seconds(60))
    }
  }
}

@Suite struct TokenizerRefusalTests {
  /// Sets the value under a path of keys.
  private func changed(
    _ value: JSONValue, _ path: [String], _ new: JSONValue
  ) throws -> JSONValue {
    guard let key = path.first else { return new }
    let object = try #require(value.object)
    var members = object.members.map { ($0.key, $0.value) }
    let inner = try changed(object[key] ?? [:], Array(path.dropFirst()), new)
    if let index = members.firstIndex(where: { $0.0 == key }) {
      members[index].1 = inner
    } else {
      members.append((key, inner))
    }
    return .object(JSONObject(members))
  }

  struct Refusal: Sendable, CustomTestStringConvertible {
    let base: String
    let path: [String]
    let value: JSONValue
    let place: String
    let problem: String
    var testDescription: String { "\(path) = \(value.text())" }

    init(_ base: String, _ path: [String], _ value: JSONValue, _ place: String, _ problem: String) {
      (self.base, self.path, self.value) = (base, path, value)
      (self.place, self.problem) = (place, problem)
    }
  }

  static let refusals: [Refusal] = [
    Refusal("uncased", ["model", "type"], "Unigram", "model.type", "Unigram"),
    Refusal("uncased", ["normalizer", "type"], "NFKC", "normalizer.type", "NFKC"),
    Refusal("uncased", ["pre_tokenizer", "type"], "Metaspace", "pre_tokenizer.type", "Metaspace"),
    Refusal("uncased", ["post_processor", "type"], "Magic", "post_processor.type", "unknown part"),
    Refusal("uncased", ["post_processor", "single"], [], "post_processor.single", "exactly once"),
    Refusal("uncased", ["model", "unk_token"], "[NO]", "model.unk_token", "not in the vocabulary"),
    Refusal("uncased", ["model", "vocab", "the"], -1, "model.vocab.the", ""),
    Refusal("uncased", ["model", "vocab", "the"], 1.5, "model.vocab.the", ""),
    Refusal("uncased", ["model", "vocab"], nil, "model.vocab", "missing"),
    Refusal("byte-level", ["normalizer"], ["type": "NFC"], "normalizer.type", "NFC"),
    Refusal(
      "byte-level", ["pre_tokenizer", "use_regex"], false, "pre_tokenizer.use_regex", "unknown"),
    Refusal("byte-level", ["model", "dropout"], 0.1, "model.dropout", "unknown"),
    Refusal("byte-level", ["model", "byte_fallback"], true, "model.byte_fallback", "unknown"),
    Refusal("byte-level", ["model", "ignore_merges"], true, "model.ignore_merges", "unknown"),
    Refusal(
      "byte-level", ["model", "end_of_word_suffix"], "</w>", "model.end_of_word_suffix", "</w>"),
    Refusal(
      "byte-level", ["model", "merges"], ["t h", "no pair of"], "model.merges[1]", "no pair"),
    Refusal("byte-level", ["model", "merges"], [["t", "q"]], "model.merges[0]", "no pair"),
  ]

  @Test(arguments: refusals)
  func `an unknown part is refused by name`(refusal: Refusal) throws {
    let scratch = try Scratch()
    let definition = try changed(
      Oracle().definition(refusal.base), refusal.path, refusal.value)
    let message = message { _ = try scratch.tokenizer(definition) }
    #expect(message.contains("tokenizer.json, \(refusal.place): "), "\(message)")
    #expect(message.contains(refusal.problem), "\(message)")
  }

  @Test func `an added token with an id of its own is refused`() throws {
    let scratch = try Scratch()
    let base = try Oracle().definition("uncased")
    var tokens = try #require(base["added_tokens"]?.array)
    tokens[1] = try changed(tokens[1], ["id"], 7)
    let definition = try changed(base, ["added_tokens"], .array(tokens))
    let message = message { _ = try scratch.tokenizer(definition) }
    #expect(message.contains("added_tokens[1].id: is 7 where tokenizers would count 1"))
  }

  @Test func `a directory without tokenizer says what it needs`() throws {
    let scratch = try Scratch()
    let text = message { _ = try Tokenizer.load(directory: scratch.path) }
    #expect(text.contains("has no tokenizer.json, no vocab.txt"))
  }

  @Test func `damaged vocabulary files name the line`() throws {
    let scratch = try Scratch()
    try scratch.write("[PAD]\n[CLS]\n[SEP]\n[MASK]\n", to: "vocab.txt")
    #expect(
      message { _ = try Tokenizer.load(directory: scratch.path) }.contains(
        "vocab.txt: has no token [UNK] for unk_token"))
    try scratch.write([0x61, 0x0A, 0xFF], to: "vocab.txt")
    #expect(
      message { _ = try Tokenizer.load(directory: scratch.path) }.contains(
        "vocab.txt, byte 2: is not valid UTF-8"))
    let other = try Scratch()
    try other.write(
      #"{"<s>":0,"<pad>":1,"</s>":2,"<unk>":3,"<mask>":4,"a":5,"b":6,"ab":7}"#, to: "vocab.json")
    try other.write("#version: 0.2\na b\nb a\n", to: "merges.txt")
    #expect(
      message { _ = try Tokenizer.load(directory: other.path) }.contains("merges.txt, line 3: "))
  }
}
