import Files
import TestSupport
import Testing
import Text

@Suite struct `Pieces by their ids` {
  private func tokenizer(_ family: String) throws -> Tokenizer {
    try Tokenizer.load(directory: Path.join(testsFolder, "Fixtures/models/\(family)"))
  }

  @Test(arguments: ["bert", "roberta"])
  func `that a text can spell are what the tokenizer makes of it`(family: String) throws {
    let tokenizer = try tokenizer(family)
    let ids = tokenizer.spellableIDs
    #expect(ids.count > 40 && ids == ids.sorted() && Set(ids).count == ids.count)
    for id in ids where !tokenizer.continuesWord(id) {
      let text = tokenizer.text(of: [id])
      #expect(
        tokenizer.pieces(of: text) == [id] || tokenizer.pieces(of: " " + text) == [id], "\(text)")
    }
    for special in ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "<s>", "</s>", "<pad>", "<mask>"]
    {
      guard let id = tokenizer.id(of: special) else { continue }
      #expect(!ids.contains(id), "\(special)")
    }
    #expect(tokenizer.maskID != nil)
  }

  @Test func `leave out what no text spells`() throws {
    let scratch = try Scratch()
    let words = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "[unused0]", "Upper", "low", "##er"]
    try scratch.write(words.joined(separator: "\n"), to: "vocab.txt")
    let tokenizer = try Tokenizer.load(directory: scratch.path)
    #expect(tokenizer.spellableIDs.compactMap(tokenizer.token) == ["low", "##er"])
    #expect(tokenizer.text(of: [7, 8, 7]) == "lower low")
  }

  @Test(arguments: ["bert", "roberta"])
  func `are put together to the words that they come from`(family: String) throws {
    let tokenizer = try tokenizer(family)
    for text in ["a good film", "bad and boringly dull", "great story"] {
      #expect(tokenizer.text(of: tokenizer.pieces(of: text)) == text)
    }
  }
}
