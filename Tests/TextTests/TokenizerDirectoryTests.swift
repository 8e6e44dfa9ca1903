import Files
import TestSupport
import Testing
import Text

/// Directories in which several files describe one tokenizer, with the ids that stock transformers
/// gives (`interoperability/compare_tokenizer_directories.py`, which says of which version).
private struct Directories {
  let texts: [String]
  let cases: [JSONNode]
  private let vocabularies: [JSONNode]
  private let answers: [JSONNode]

  init() throws {
    let root = try JSONNode(
      contentsOf: Path.join(testsFolder, "Fixtures/tokenizer_directories.json"))
    texts = try root.required("texts").elements().map { try $0.string() }
    cases = try root.required("cases").elements()
    vocabularies = try root.required("vocabularies").elements()
    answers = try root.required("answers").elements()
  }

  func named(_ title: String) throws -> JSONNode {
    try #require(cases.first { $0.value["title"]?.string == title }, "\(title)")
  }

  /// Writes the files of a case.
  func write(_ node: JSONNode, to scratch: Scratch) throws {
    for (name, file) in try node.required("files").members() {
      try scratch.write(file.value.serialized(), to: name)
    }
    for index in try node.required("vocabularies").elements() {
      let parts = try vocabularies[index.int()].elements()
      let bytes = parts[1].value.string.map { Array($0.utf8) } ?? parts[1].value.serialized()
      try scratch.write(bytes, to: parts[0].string())
    }
  }

  /// The right ids; nil for a directory that has to be refused.
  func answer(_ node: JSONNode) throws -> [[Int32]]? {
    try node.optional("answer").map { index in
      try answers[index.int()].elements().map { try $0.elements().map { Int32(try $0.int()) } }
    }
  }
}

@Suite struct TokenizerDirectoryTests {
  @Test func `ids are those of transformers, or there are none`() throws {
    let directories = try Directories()
    var (readCount, refusedCount) = (0, 0)
    for node in directories.cases {
      let title = try node.required("title").string()
      let scratch = try Scratch()
      try directories.write(node, to: scratch)
      guard let answer = try directories.answer(node) else {
        let message = message { _ = try Tokenizer.load(directory: scratch.path) }
        #expect(message.hasPrefix(scratch.path), "\(title): \(message)")
        #expect(message.contains("; "), "\(title) has no remedy: \(message)")
        refusedCount += 1
        continue
      }
      let tokenizer = try Tokenizer.load(directory: scratch.path)
      let length = try node.required("length").int()
      #expect(tokenizer.encode(directories.texts, maximumLength: length) == answer, "\(title)")
      readCount += 1
    }
    #expect(readCount > 200 && refusedCount > 100)
  }

  struct Refusal: Sendable, CustomTestStringConvertible {
    let title: String
    let words: [String]
    var testDescription: String { title }

    init(_ title: String, _ words: String...) { (self.title, self.words) = (title, words) }
  }

  static let refusals: [Refusal] = [
    Refusal(
      "BertJapaneseTokenizer, vocab.txt", "tokenizer_config.json, tokenizer_class: ",
      "is BertJapaneseTokenizer", "\"BertTokenizer\""),
    Refusal(
      "BertJapaneseTokenizer in config.json, json", "config.json, tokenizer_class: ",
      "is BertJapaneseTokenizer"),
    Refusal("OneOfMyOwn, json", "is OneOfMyOwn"),
    Refusal("class that is no name", "tokenizer_config.json, tokenizer_class: "),
    Refusal(
      "vocab.txt for RoBERTa", "config.json, model_type: asks for RobertaTokenizer",
      "write \"tokenizer_class\": \"BertTokenizer\""),
    Refusal("BPE for BERT", "asks for BertTokenizer", "RobertaTokenizer"),
    Refusal("generic class without tokenizer.json", "asks for PreTrainedTokenizerFast"),
    Refusal("null switch", "tokenizer_config.json, do_lower_case: is null"),
    Refusal("vocab.txt, a huge id", "added_tokens.json, [\"<n>\"]: has the id 1099511627776"),
    Refusal("json, a negative id in the table", "added_tokens_decoder", "has the id -1"),
    Refusal("json, a hole", "added_tokens.json", "is 34 where tokenizers would count 31"),
    Refusal("pair json, an id twice", "added_tokens.json", "would count"),
    Refusal("no [UNK]", "vocab.txt: has no token [UNK] for unk_token"),
    Refusal("no first token", "has no cls_token"),
    Refusal("ends that contradict", "post_processor", "[CLS] and [SEP]"),
    Refusal("unknown token that contradicts", "model.unk_token: is [UNK]", "[MASK]"),
    Refusal(
      "vocab.txt cuts None, asked for up, own class",
      "tokenizer_config.json, truncation_side: is neither left nor right"),
  ]

  @Test(arguments: refusals)
  func `what cannot be right is refused by name`(refusal: Refusal) throws {
    let directories = try Directories()
    let scratch = try Scratch()
    try directories.write(directories.named(refusal.title), to: scratch)
    let message = message { _ = try Tokenizer.load(directory: scratch.path) }
    for word in refusal.words { #expect(message.contains(word), "\(message)") }
  }

  @Test func `a special token that is beyond the embeddings is an error once a text has it`() throws
  {
    let directories = try Directories()
    let scratch = try Scratch()
    try directories.write(directories.named("no [MASK]"), to: scratch)
    var tokenizer = try Tokenizer.load(directory: scratch.path)
    let mask = try #require(tokenizer.id(of: "[MASK]"))
    #expect(tokenizer.idBound == Int(mask), "the vocabulary alone")
    tokenizer.embeddingCount = tokenizer.idBound

    func data(_ text: String) -> Dataset {
      Dataset(examples: [Example(text: "good"), Example(text: text)], source: "reviews.tsv")
    }
    let known = try EncodedDataset(
      data("the mask"), tokenizer: tokenizer, maximumLength: 9, padding: nil)
    #expect(known.count == 2)
    let text = message {
      _ = try EncodedDataset(
        data("the [MASK]"), tokenizer: tokenizer, maximumLength: 9, padding: nil)
    }
    #expect(text.contains("reviews.tsv: text 2 holds [MASK], for which the model has no embedding"))
    _ = try EncodedDataset(
      data("the movie [MASK]"), tokenizer: tokenizer, maximumLength: 4, padding: nil)
  }

  @Test func `an added token that is beyond the embeddings counts`() throws {
    let directories = try Directories()
    let scratch = try Scratch()
    try directories.write(directories.named("vocab.txt, added_tokens.json"), to: scratch)
    let tokenizer = try Tokenizer.load(directory: scratch.path)
    #expect(tokenizer.id(of: "<m>").map { Int($0) + 1 } == tokenizer.idBound)
    #expect(tokenizer.token(for: Int32(tokenizer.idBound - 1)) == "<m>")
  }
}

@Suite struct HostileTokenizerTests {
  static let values: [JSONValue] = [
    nil, true, 0, -1, 1.5, 1e30, .int(.max), .int(.min), "", "x", "[CLS]", [], [[]], [nil],
    ["", ""],
    [:], ["": nil], ["content": 1], ["content": ""], ["-1": ["content": "<n>"]],
    ["99999999999999999999": ["content": "<n>"]], ["16777215": ["content": "<n>"]],
    ["31": ["content": "<n>", "lstrip": "yes"]], ["<n>": 1e30], ["<n>": .int(.max)],
    .string(String(repeating: "é\u{301}", count: 10_000)),
  ]

  static let keys = [
    "tokenizer_class", "model_type", "do_lower_case", "strip_accents", "tokenize_chinese_chars",
    "add_prefix_space", "truncation_side", "split_special_tokens", "added_tokens_decoder",
    "additional_special_tokens", "extra_special_tokens", "bos_token", "unk_token", "sep_token",
    "cls_token", "mask_token", "other_token", "<n>",
  ]

  @Test(arguments: ["vocab.txt, none", "uncased json, none", "json, none", "merges.txt, none"])
  func `nonsense beside a vocabulary is read or refused`(title: String) throws {
    let directories = try Directories()
    var (readCount, refusedCount) = (0, 0)
    for file in [
      "tokenizer_config.json", "special_tokens_map.json", "added_tokens.json", "config.json",
    ] {
      for value in Self.values {
        let whole = try Scratch()
        try directories.write(directories.named(title), to: whole)
        try whole.write(value.serialized(), to: file)
        if reads(whole, directories.texts) { readCount += 1 } else { refusedCount += 1 }
        for key in Self.keys {
          try whole.write(JSONValue.object(JSONObject([(key, value)])).serialized(), to: file)
          if reads(whole, directories.texts) { readCount += 1 } else { refusedCount += 1 }
        }
      }
    }
    #expect(readCount > 100 && refusedCount > 100)
  }

  /// Whether a directory is read; anything but an error in one sentence ends the test.
  private func reads(_ scratch: Scratch, _ texts: [String]) -> Bool {
    do {
      let tokenizer = try Tokenizer.load(directory: scratch.path)
      let ids = tokenizer.encode(texts, maximumLength: 12)
      #expect(ids.allSatisfy { $0.count <= 12 })
      return true
    } catch {
      #expect(!error.problem.isEmpty && error.file?.hasPrefix(scratch.path) == true, "\(error)")
      return false
    }
  }
}
