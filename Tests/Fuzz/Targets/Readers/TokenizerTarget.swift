import Files
import Text

/// The files of a tokenizer, in all the ways in which they are found; ids of texts are those of
/// tokens, and no more than asked for.
struct TokenizerTarget: FuzzTarget {
  static let name = "tokenizer"
  private let folder: FuzzFolder
  private let names = [
    "tokenizer.json", "vocab.txt", "vocab.json", "merges.txt", "tokenizer_config.json",
    "special_tokens_map.json", "added_tokens.json", "config.json",
  ]

  private static let texts = [
    "", " ", "The movie, Café café! [MASK]<mask> <s></s>\u{A0}中文 unbelievable x\u{301}\n\t",
    String(repeating: "un", count: 120) + "\u{0}\u{FFFD}👩‍🎤<e>[CLS][SEP] ##s",
  ]

  init(in folder: String) throws { self.folder = try FuzzFolder(folder) }

  func seeds() throws -> [[UInt8]] {
    let fixture = JSONNode(
      try JSONValue(parsing: try fixture("tokenizer_directories.json")), file: "fixture")
    let vocabularies = try fixture.required("vocabularies").elements()
    let answers = try fixture.required("answers").elements()
    var seeds: Set<[UInt8]> = []
    for directory in try fixture.required("cases").elements() {
      // Those that are to be refused come from damage soon enough.
      let answer = try directory.optional("answer")?.int()
      guard let answer, answers[answer].value.array != nil else { continue }
      var files: [(name: String, bytes: [UInt8])] = []
      for number in try directory.required("vocabularies").elements() {
        let file = try vocabularies[try number.int()].elements()
        files.append((try file[0].string(), content(file[1].value)))
      }
      for (name, node) in try directory.required("files").members() {
        files.append((name, content(node.value)))
      }
      seeds.insert(FuzzArchive.packed(files))
    }
    return seeds.sorted { $0.lexicographicallyPrecedes($1) }.filter { (try? read($0)) != nil }
  }

  private func content(_ value: JSONValue) -> [UInt8] {
    value.string.map { Array($0.utf8) } ?? value.serialized()
  }

  func read(_ bytes: [UInt8]) throws {
    try folder.hold(FuzzArchive.files(bytes, named: names))
    let tokenizer = try Tokenizer.load(directory: folder.path)
    let frame = tokenizer.prefix.count + tokenizer.suffix.count
    let texts = Self.texts + [String(decoding: bytes.prefix(300), as: UTF8.self)]
    for length in [frame, frame + 1, frame + 7, 1000] {
      let ids = tokenizer.encode(texts, maximumLength: length)
      claim(ids == texts.map { tokenizer.encode($0, maximumLength: length) }, "differs in a batch")
      for ids in ids {
        claim(ids.count <= length, "makes \(ids.count) ids of a text where \(length) are asked for")
        claim(ids.starts(with: tokenizer.prefix), "begins otherwise than it has to")
        claim(Array(ids.suffix(tokenizer.suffix.count)) == tokenizer.suffix, "ends otherwise")
        claim(ids.allSatisfy { tokenizer.token(for: $0) != nil }, "makes ids of no token")
      }
    }
  }
}
