import Checkpoints
import Conformance
import Encoders
import Files
import Tensors
import Testing
import TestSupport
import Text
import Training

/// Runs and evaluations on a device that is too small for their batches.
@Suite struct `A small device` {
  private let texts = Toy.texts(96, seed: 8)

  /// The largest of ever smaller budgets for which `isEnough` is false.
  private func budget(whereFails isEnough: (CPUBackend) throws -> Bool) throws -> Int {
    var budget = 8 << 20
    while try isEnough(CPUBackend(memoryLimit: budget)) { budget -= budget / 16 }
    return budget
  }

  @Test func `trains to the end, and the report says how`() throws {
    var settings = Toy.settings(epochs: 3)
    settings.batchSize = 48
    func run(on backend: CPUBackend, _ directory: String? = nil, stopsAfter: Int = .max) throws
      -> (bits: [UInt32], report: TrainingReport)
    {
      let model = try Toy.model(on: backend)
      var trainer = try Trainer(model, settings: settings, checkpointDirectory: directory)
      var asked = 0
      trainer.isCancelled = {
        asked += 1
        return asked > stopsAfter
      }
      let report = try trainer.train(on: texts, validation: nil)
      return (try model.bits(), report)
    }
    #expect(try run(on: .shared).report.cut == nil)
    let budget = try budget { backend in
      (try run(on: backend).report.cut?.partCount ?? 1) < 4
    }
    let whole = try run(on: CPUBackend(memoryLimit: budget))
    let cut = try #require(whole.report.cut)
    #expect(cut.partCount >= 4 && (1...6).contains(cut.stepCount))
    #expect(try TrainingReport(JSONNode(whole.report.json, file: "report")) == whole.report)

    // Stopped after two of six steps and run again, it goes on with the same cuts.
    let scratch = try Scratch()
    #expect(throws: Interruption.self) {
      _ = try run(on: CPUBackend(memoryLimit: budget), scratch.path, stopsAfter: 2)
    }
    let resumed = try run(on: CPUBackend(memoryLimit: budget), scratch.path)
    #expect(resumed.bits == whole.bits)
    #expect(resumed.report.withoutTimes == whole.report.withoutTimes)
  }

  @Test func `evaluates in smaller batches`() throws {
    let expected = try Toy.model().logits(
      of: EvaluationSet(texts, classCount: 2, on: CPUBackend.shared))
    var largest: [Int] = []
    var budget = 2 << 20
    while true {
      let backend = CPUBackend(memoryLimit: budget)
      budget -= budget / 16
      guard let model = try? Toy.model(on: backend),
        let set = try? EvaluationSet(texts, classCount: 2, on: backend)
      else { break }
      do {
        var sizes: [Int] = []
        var seen: [Int] = []
        try set.forEachBatch { batch, indices in
          _ = try model.forward(batch, PassOptions()).logits
          sizes.append(batch.sequences.sequenceCount)
          seen += indices
        }
        #expect(seen.sorted() == Array(texts.labels.indices))
        largest.append(sizes.max() ?? 0)
        for (logits, expected) in zip(try model.logits(of: set), expected) {
          let comparison = Comparison(
            "logits", actual: logits, shape: [2], expected: expected.map(Double.init),
            expectedShape: [2], tolerance: .rounding(terms: Toy.configuration.intermediateSize),
            // Summands: sixteen features of a normalised vector, of size 1, by weights of 0.2.
            magnitudes: [16 * 0.2, 16 * 0.2])
          #expect(comparison.passed && comparison.nonFiniteCount == 0, "\(comparison.description)")
        }
      } catch DeviceError.outOfMemory { break }
    }
    #expect(largest.contains(64) && largest.contains { $0 < 32 })
  }
}
