import Checkpoints
import Encoders
import Files
import Stages
import TestSupport
import Testing
import Training

/// Every document that is `json` with one value in it replaced by something else.
private func damaged(_ json: JSONValue) -> [JSONValue] {
  let others: [JSONValue] = [
    nil, -1, 0, 99, .int(.max), .double(-1e308), "x", [], [[]], [99], [[99]], .object(JSONObject()),
  ]
  if let object = json.object {
    return others
      + object.members.flatMap { member in
        damaged(member.value).map { other in
          var copy = object
          copy[member.key] = other
          return .object(copy)
        }
      }
  }
  guard let array = json.array else { return others }
  return others + [.array(array + array), .array(Array(array.dropFirst()))]
    + array.indices.flatMap { index in
      damaged(array[index]).map { other in
        var copy = array
        copy[index] = other
        return .array(copy)
      }
    }
}

@Suite struct `A damaged result of a stage` {
  private let configuration = EncoderConfiguration(
    family: .bert, layerCount: 2, headCount: 3, hiddenSize: 6, intermediateSize: 6,
    vocabularySize: 9, maximumPositionCount: 9)
  private let directory: Scratch
  private let heads: JSONValue = [
    "scores": [[0.5, 0.25, 0.125], [1, 2, 3]], "pruned": [[0, 2], []],
  ]

  init() throws { directory = try Scratch() }

  private func read(_ json: JSONValue) throws(InputError) -> ScoredHeads {
    try AtomicFile.write(json.serialized(), to: directory.file("heads.json"))
    return try ScoredHeads(in: directory.path, of: configuration)
  }

  @Test func `is an error that names the file of heads, place and remedy`() throws {
    #expect(try read(heads).mask.pruned == [[0, 2], []])
    func complaint(_ scores: JSONValue, _ pruned: JSONValue) -> String {
      do {
        return "\(try read(["scores": scores, "pruned": pruned]))"
      } catch {
        return "\(error)".replacing(directory.path + "/", with: "")
      }
    }
    let right: JSONValue = [[1, 2, 3], [1, 2, 3]]
    #expect(
      complaint(right, [[99], [0]])
        == "heads.json, pruned[0][0]: is 99, outside 0 to 2; correct it")
    let wrong: [(scores: JSONValue, pruned: JSONValue)] = [
      ([[1, 2, 3]], [[]]), ([[1, 2, 3], [1, 2]], [[], []]), (right, [[]]), (right, [[], [], []]),
      ([], []),
    ]
    for (scores, pruned) in wrong {
      #expect(
        complaint(scores, pruned)
          == "heads.json: does not tell of 2 layers with 3 heads, which the model has; "
          + "delete its folder and run the same command again")
    }
  }

  @Test func `never traps, wherever the damage is`() throws {
    var refusedCount = 0
    for json in damaged(heads) {
      do {
        let heads = try read(json)
        #expect(heads.scores.ascending.count == 6 && heads.mask.prunedCount <= 6)
      } catch {
        #expect(error.file?.hasSuffix("heads.json") == true)
        refusedCount += 1
      }
    }
    #expect(refusedCount > 50)
  }

  @Test func `is an error or a result that can be shown, wherever its note is damaged`() throws {
    let report: JSONValue = [
      "selectedEpoch": 1, "cut": ["tokenLimit": 5, "partCount": 2, "stepCount": 1],
      "epochs": [
        [
          "epoch": 1, "loss": 0.5, "validationAccuracy": 0.75, "seconds": 2, "dataSeconds": 1,
          "tokensPerSecond": 9,
        ]
      ],
    ]
    var outcome = StageOutcome(
      try TrainingReport(JSONNode(report, file: "stage.json")), unreadTriggerCount: 3)
    outcome.heads = HeadReport(scores: [[0.5, 0.25], [1, 2]], pruned: [[1], []])
    outcome.evaluation = Evaluation(
      clean: ConfusionMatrix(counts: [[5, 1], [2, 6]]),
      triggered: ConfusionMatrix(counts: [[1, 9], [0, 0]]), targetLabel: 1)
    var refusedCount = 0
    for json in damaged(outcome.json) {
      do {
        let read = try StageOutcome(JSONNode(json, file: "stage.json"))
        if let training = read.training {
          #expect((0...training.epochs.count).contains(training.selectedEpoch))
        }
        if let evaluation = read.evaluation {
          #expect((0...1).contains(evaluation.accuracy ?? 0))
          #expect((0...1).contains(evaluation.labelFlipRate ?? 0))
        }
        #expect((read.training?.cut?.tokenLimit ?? 1) > 0)
        _ = (read.heads?.headCount, read.heads?.prunedCount)
      } catch {
        #expect("\(error)".hasPrefix("stage.json"))
        refusedCount += 1
      }
    }
    #expect(refusedCount > 100)
  }
}
