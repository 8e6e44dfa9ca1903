import Checkpoints
import Files
import TestSupport
import Testing

/// Labels as transformers 4.57.6 and 5.23.0 have them: `config.id2label` of the loaded model,
/// printed by Python. Public reports: huggingface/transformers pull requests 7917 and 13334.
@Suite struct LabelTests {
  /// A classifier of three outputs.
  private func load(
    _ members: [(String, JSONValue)], for purpose: ModelCheckpoint.Purpose = .classifying
  ) throws -> ModelCheckpoint {
    var config = TinyModel.config(.bert)
    config["id2label"] = nil
    for (key, value) in members { config[key] = value }
    let scratch = try Scratch()
    try TinyModel.write(
      .bert, StateDictionary(.bert, .classifier).tensors, to: scratch.path, config: config)
    return try ModelCheckpoint.load(directory: scratch.path, for: purpose)
  }

  @Test(
    arguments: [
      (["0": 0, "1": 1, "2": 2], ["0", "1", "2"]),
      (["0": 0.0, "1": 1.5, "2": -3], ["0.0", "1.5", "-3"]),
      (["0": nil, "1": true, "2": false], ["None", "True", "False"]),
      (["2": "c", "0": "a", "1": "b"], ["a", "b", "c"]),
      (["0": "a", "01": "b", "2": "c"], ["a", "b", "c"]),
      (["0": "a", "1": "a", "2": "a"], ["a", "a", "a"]),
      (["0": "a", "2": "c", "3": "d"], ["a", "LABEL_1", "c"]),
      (["1": "a", "2": "b", "3": "c"], ["LABEL_0", "a", "b"]),
      (["-1": "a", "0": "b", "1000000000": "c"], ["b", "LABEL_1", "LABEL_2"]),
    ] as [(JSONValue, [String])])
  func `labels are those that transformers prints`(map: JSONValue, names: [String]) throws {
    let checkpoint = try load([("id2label", map)])
    #expect(checkpoint.configuration.labels == names)
    let isNamed = names.allSatisfy { !$0.hasPrefix("LABEL_") }
    #expect(checkpoint.notes.isEmpty == isNamed)
    #expect(isNamed || checkpoint.notes[0].contains("id2label names no label"))
  }

  @Test(
    arguments: [
      // transformers 4 believes id2label and loads; 5 believes num_labels and cannot.
      ([("num_labels", 2), ("id2label", ["0": "a", "1": "b", "2": "c"])], ["a", "b", "c"]),
      // 5 believes num_labels and loads; 4 believes id2label and cannot.
      (
        [("num_labels", 3), ("id2label", ["0": "a", "1": "b"])], ["LABEL_0", "LABEL_1", "LABEL_2"]
      ),
      ([("num_labels", 3)], ["LABEL_0", "LABEL_1", "LABEL_2"]),
    ] as [([(String, JSONValue)], [String])])
  func `the weights decide between num_labels and id2label`(
    members: [(String, JSONValue)], names: [String]
  ) throws {
    #expect(try load(members).configuration.labels == names)
  }

  @Test func `labels of another number than the outputs are refused`() throws {
    for members: [(String, JSONValue)] in [
      [("num_labels", 4), ("id2label", ["0": "a", "1": "b"])], [("num_labels", 2)], [],
    ] {
      let error = try #require(throws: InputError.self) { try load(members) }
      #expect(error.place == .tensor("classifier.weight"))
      #expect(error.problem.hasPrefix("has the shape [3, 6]"))
    }
  }

  @Test func `a fresh head needs no labels`() throws {
    let checkpoint = try load(
      [("id2label", ["x": ["y"]]), ("num_labels", -1)], for: .freshClassifier)
    #expect(checkpoint.classifierKind == nil)
  }
}
