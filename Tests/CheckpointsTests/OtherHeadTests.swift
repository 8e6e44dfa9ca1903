import Checkpoints
import Files
import TestSupport
import Testing

/// Checkpoints that carry something else than a classifier of texts. Public reports:
/// huggingface/transformers issues 1941 and 15066, and pull request 14557.
@Suite struct OtherHeadTests {
  private func load(
    _ family: ModelFamily, _ tensors: [RawTensor], _ members: [(String, JSONValue)] = [],
    for purpose: ModelCheckpoint.Purpose = .freshClassifier
  ) throws -> ModelCheckpoint {
    var config = TinyModel.config(family)
    for (key, value) in members { config[key] = value }
    let scratch = try Scratch()
    try TinyModel.write(family, tensors, to: scratch.path, config: config)
    return try ModelCheckpoint.load(directory: scratch.path, for: purpose)
  }

  /// The tensors of the encoder as they stand in a model with a head.
  private func encoder(_ family: ModelFamily) throws -> [RawTensor] {
    try StateDictionary(family, .encoder).tensors
      .filter { !$0.name.hasPrefix("pooler.") }
      .map { tensor in
        var tensor = tensor
        tensor.name = "\(family.rawValue).\(tensor.name)"
        return tensor
      }
  }

  @Test(
    arguments: ModelFamily.allCases,
    [
      ["classifier.weight", "classifier.bias"], ["qa_outputs.weight", "qa_outputs.bias"],
      ["loss_fct.weight"], ["fc.0.weight", "fc.0.bias", "dropout.p"],
    ])
  func `a fresh head leaves any other aside and says so`(
    family: ModelFamily, names: [String]
  ) throws {
    let encoder = try encoder(family)
    let checkpoint = try load(family, encoder + names.map { RawTensor($0, [5, 6]) })
    #expect(checkpoint.classifierKind == nil)
    #expect(checkpoint.parameters.count == encoder.count)
    #expect(checkpoint.notes.count == 1)
    #expect(checkpoint.notes[0].hasSuffix("left aside: " + names.joined(separator: ", ")))
    #expect(try load(family, encoder).notes.isEmpty)
    let error = try #require(throws: InputError.self) {
      _ = try load(family, encoder + names.map { RawTensor($0, [3, 6]) }, for: .classifying)
    }
    #expect(error.remedy.contains("pure finetune"), "\(error)")
  }

  @Test(arguments: ModelFamily.allCases)
  func `a fresh head keeps the pooler of a classifier`(family: ModelFamily) throws {
    let dictionary = try StateDictionary(family, .classifier)
    let checkpoint = try load(
      family, dictionary.tensors, [("problem_type", "multi_label_classification")])
    #expect(checkpoint.notes.count == 1)
    let pooler = family == .bert ? ["pooler.dense.bias", "pooler.dense.weight"] : []
    #expect(checkpoint.passthrough.keys.sorted() == pooler)
    for name in pooler {
      #expect(checkpoint.passthrough[name]?.values == dictionary["bert.\(name)"]?.values)
    }
  }

  @Test(arguments: [
    "bert.encoder.layer.2.output.dense.weight", "encoder.layer.0.adapter.weight",
    "bert.encoder.layer.0.attention.self.query.lora_A.weight", "bert.embeddings.extra",
  ])
  func `a fresh head does not excuse an encoder that computes something else`(name: String) throws {
    let error = try #require(throws: InputError.self) {
      _ = try load(.bert, encoder(.bert) + [RawTensor(name, [6])])
    }
    #expect(error.place == .tensor(name))
    #expect(error.problem.hasPrefix("is no part of the model"))
  }

  @Test(arguments: ["BertForTokenClassification", "BertForMultipleChoice"])
  func `a head with a classifier's tensors is none if config json says so`(name: String) throws {
    let tensors = try StateDictionary(.bert, .classifier).tensors
    let members: [(String, JSONValue)] = [("architectures", [.string(name)])]
    let error = try #require(throws: InputError.self) {
      _ = try load(.bert, tensors, members, for: .classifying)
    }
    #expect(error.problem.contains(name))
    _ = try load(.bert, tensors, members)
  }

  @Test(arguments: [
    "module.", "model.", "auto_model.", "base_model.model.", "_orig_mod.", "0.auto_model.",
    "a.b.c.",
  ])
  func `a prefix before every tensor is named with the way to take it off`(prefix: String) throws {
    for family in ModelFamily.allCases {
      for kind in StateDictionary.Kind.allCases {
        let tensors = try StateDictionary(family, kind).tensors.map { tensor in
          var tensor = tensor
          tensor.name = prefix + tensor.name
          return tensor
        }
        for purpose in [ModelCheckpoint.Purpose.classifying, .freshClassifier] {
          let error = try #require(throws: InputError.self) {
            _ = try load(family, tensors, for: purpose)
          }
          #expect(error.problem.hasPrefix("has the prefix \(prefix) before"), "\(error)")
          #expect(error.remedy.contains("removeprefix(\"\(prefix)\")"))
        }
      }
    }
  }

  @Test func `an adapter under its prefix is to be merged`() throws {
    let tensors =
      try encoder(.bert) + [
        RawTensor("bert.encoder.layer.0.attention.self.query.lora_A.default.weight", [6])
      ]
    let error = try #require(throws: InputError.self) {
      _ = try load(
        .bert,
        tensors.map { tensor in
          var tensor = tensor
          tensor.name = "base_model.model.\(tensor.name)"
          return tensor
        })
    }
    #expect(error.remedy.contains("merge_and_unload"))
  }

  @Test func `another family's tensors are not taken for a prefix`() throws {
    let error = try #require(throws: InputError.self) { _ = try load(.bert, encoder(.roberta)) }
    #expect(error.problem.hasPrefix("has the prefix roberta. before"))
    #expect(error.remedy == "get config.json and the weights from the same place")
  }
}
