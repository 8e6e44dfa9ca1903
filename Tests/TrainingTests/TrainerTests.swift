import Checkpoints
import Encoders
import Tensors
import Testing
import Text

@testable import Training

#if canImport(Glibc)
  import Glibc
#endif

@Suite struct `The learning rate` {
  @Test func `falls in a straight line that ends after the last step`() {
    let schedule = TrainingSettings.Schedule.linearDecay
    #expect((0..<4).map { schedule.factor(step: $0, of: 4) } == [1, 0.75, 0.5, 0.25])
    #expect(schedule.factor(step: 0, of: 1) == 1)
  }

  @Test func `may stay where it is`() {
    #expect((0..<4).allSatisfy { TrainingSettings.Schedule.constant.factor(step: $0, of: 4) == 1 })
  }

  /// AdamW's first step is the learning rate in size, and all weights decay: a run of one step shows the rate.
  @Test func `is what the first step moves the parameters by`() throws {
    var settings = Toy.settings(epochs: 1, learningRate: 0x1p-7)
    settings.optimizer.weightDecay = 0
    settings.batchSize = 4
    let model = try Toy.model()
    let before = try model.parameters.flat.hostFloats()
    _ = try Trainer(model, settings: settings).train(on: Toy.texts(4, seed: 1), validation: nil)
    let after = try model.parameters.flat.hostFloats()
    let moved = zip(before, after).map { abs(Double($0) - Double($1)) }
    // Rounding of a parameter of size 1 apart, no element moves further.
    #expect(moved.allSatisfy { $0 <= settings.learningRate + 0x1p-23 })
    // Of those with a gradient much above AdamW's epsilon, all move that far: most do.
    #expect(moved.count { $0 > 0.99 * settings.learningRate } > before.count / 2)
  }
}

@Suite struct `A training run` {
  @Test func `learns to tell two words apart`() throws {
    let model = try Toy.model()
    let texts = Toy.texts(64, seed: 1)
    let report = try Trainer(model, settings: Toy.settings(epochs: 8, learningRate: 1e-2))
      .train(on: texts, validation: nil)
    let unseen = try EvaluationSet(Toy.texts(50, seed: 2), classCount: 2, on: model.backend)
    #expect(try model.confusion(on: unseen).accuracy == 1)
    #expect(report.epochs.map(\.epoch) == Array(1...8))
    #expect(report.epochs[7].loss < report.epochs[0].loss / 2)
    #expect(report.selectedEpoch == 8)
  }

  @Test func `reports the mean loss of its steps`() throws {
    // Without dropout, learning rate and decay every step sees the same model.
    let model = try Toy.model(dropout: 0)
    let texts = Toy.texts(24, seed: 1)
    let report = try Trainer(model, settings: Toy.settings(epochs: 2, learningRate: 0))
      .train(on: texts, validation: nil)
    let set = try EvaluationSet(texts, classCount: 2, on: model.backend)
    let losses = zip(texts.labels, try model.logits(of: set)).map { label, logits in
      let difference = Double(logits[1 - Int(label)] - logits[Int(label)])
      return Self.softplus(difference)
    }
    let mean = losses.reduce(0, +) / 24
    for record in report.epochs {
      // Three float32 sums of eight float32 losses, each of which errs by the rounding of its logits' sums.
      let bound = 0x1p-24 * Double(24 + Toy.configuration.intermediateSize) * 2
      #expect(abs(record.loss - mean) <= bound)
    }
  }

  @Test func `ends with an error when there are no texts`() throws {
    let trainer = try Trainer(Toy.model(), settings: Toy.settings())
    let error = #expect(throws: TrainingError.self) {
      _ = try trainer.train(on: EncodedDataset([], labels: []), validation: nil)
    }
    #expect(error == .noTexts)
    #expect(error?.description.contains("--train") == true)
  }

  @Test func `ends with an error when it diverges`() throws {
    let settings = Toy.settings(epochs: 3, learningRate: 1e30)
    let trainer = try Trainer(Toy.model(), settings: settings)
    let error = #expect(throws: TrainingError.self) {
      _ = try trainer.train(on: Toy.texts(24, seed: 1), validation: nil)
    }
    #expect(error == .diverged(epoch: 1, learningRate: 1e30))
    #expect(error?.description.contains("below 1e+30") == true)
  }

  @Test func `tells how far it has come`() throws {
    var trainer = try Trainer(Toy.model(), settings: Toy.settings(epochs: 2))
    var seen: [TrainingProgress] = []
    trainer.onProgress = { seen.append($0) }
    let texts = Toy.texts(20, seed: 1)
    let report = try trainer.train(on: texts, validation: nil)
    // The last step of an epoch is always told.
    let ends = seen.filter { $0.step % 3 == 0 }
    #expect(ends.map(\.step) == [3, 6])
    #expect(ends.map(\.epoch) == [1, 2])
    #expect(ends.map(\.loss) == report.epochs.map(\.loss))
    #expect(seen.allSatisfy { $0.stepCount == 6 && $0.epochCount == 2 })
    #expect(ends.map(\.tokens) == [texts.tokenIDs.count, 2 * texts.tokenIDs.count])
  }

  private static func softplus(_ value: Double) -> Double { log1p(exp(value)) }
}

@Suite struct `The seed` {
  @Test func `decides every bit of a run`() throws {
    let first = try train(seed: 7)
    #expect(try train(seed: 7) == first)
    #expect(try train(seed: 8) != first)
  }

  @Test func `decides the order and the dropout`() throws {
    let plain = try train(seed: 1, order: .asGiven, dropout: 0)
    #expect(try train(seed: 2, order: .asGiven, dropout: 0) == plain)
    #expect(try train(seed: 2, order: .shuffled, dropout: 0) != plain)
    let dropped = try train(seed: 1, order: .asGiven, dropout: 0.1)
    #expect(dropped != plain)
    #expect(try train(seed: 2, order: .asGiven, dropout: 0.1) != dropped)
  }

  @Test func `decides the fresh head`() throws {
    let checkpoint = try Toy.checkpoint()
    func head(seed: UInt64) throws -> [Float] {
      // Nothing moves, so the head is what it started as.
      var settings = Toy.settings(epochs: 1, learningRate: 0)
      settings.seed = seed
      let texts = TrainingTexts(training: Toy.texts(8, seed: 1), validation: nil)
      return try FineTuning(settings: settings)
        .run(checkpoint, labels: Toy.labels, on: texts, backend: CPUBackend.shared)
        .model.parameters["head.output.weight"].hostFloats()
    }
    let first = try head(seed: 1)
    #expect(try head(seed: 1) == first)
    #expect(try head(seed: 2) != first)
  }

  @Test func `decides the bits whatever the number of threads`() async {
    await #expect(processExitsWith: .success) {
      Host.threadCount = 1
      let alone = try train(seed: 7)
      Host.threadCount = 2
      #expect(try train(seed: 7) == alone)
    }
  }
}

private func train(
  seed: UInt64, order: BatchPlan.Order = .training, dropout: Double = 0.1
) throws -> [UInt32] {
  let model = try Toy.model(dropout: dropout)
  var settings = Toy.settings(epochs: 2)
  settings.seed = seed
  settings.order = order
  _ = try Trainer(model, settings: settings).train(
    on: Toy.texts(24, seed: 1), validation: nil)
  return try model.bits()
}
