import Checkpoints
import Files
import TestSupport
import Testing

@Suite struct `A model whose source is gone or changed` {
  @Test(arguments: [true, false])
  func `is written with the tokenizer and the licence that it was read with`(isGone: Bool) throws {
    let scratch = try Scratch()
    let source = scratch.file("source")
    try TinyModel.write(.bert, StateDictionary(.bert, .classifier).tensors, to: source)
    let files = ["vocab.txt": "[PAD]\n[UNK]\n", "tokenizer_config.json": "{}"]
    for (name, text) in files { try scratch.write(text, to: "source/" + name) }
    try scratch.write("---\nlicense: apache-2.0\n---\n", to: "source/README.md")
    let read = try ModelCheckpoint.load(directory: source)
    // As a stage makes one of another: parameters of its own, the rest of its source.
    let checkpoint = ModelCheckpoint(
      configuration: read.configuration, classifierKind: read.classifierKind,
      parameters: read.parameters, source: read)
    if isGone {
      try Path.remove(source)
    } else {
      try scratch.write("other\n", to: "source/vocab.txt")
      try scratch.write("{}", to: "source/added_tokens.json")
    }
    let output = scratch.file("output")
    try checkpoint.write(to: output, card: ModelCard(summary: "A model"))
    #expect(
      try Path.names(in: output)
        == ["README.md", "config.json", "model.safetensors", "tokenizer_config.json", "vocab.txt"])
    for (name, text) in files {
      #expect(try ByteFile.contents(of: Path.join(output, name)) == Array(text.utf8))
    }
    let card = String(
      decoding: try ByteFile.contents(of: Path.join(output, "README.md")), as: UTF8.self)
    #expect(card.contains("\nlicense: apache-2.0\n"))
  }
}
