import Encoders
import Files
import Tensors
import TestSupport
import Testing
import Text

@testable import Training

@Suite struct `A run of any objective` {
  private let settings = Toy.settings(epochs: 3, learningRate: 1e-2, selection: .last)

  @Test(arguments: ObjectiveRun.all)
  func `that was stopped ends bit for bit where it would have ended`(run: ObjectiveRun) throws {
    let whole = try ObjectiveRun.train(run.objective, settings)
    #expect(whole.report.epochs.count >= 2)
    var moment = 0
    while true {
      let scratch = try Scratch()
      var asked = 0
      do {
        _ = try ObjectiveRun.train(
          run.objective, settings, directory: scratch.path,
          isCancelled: {
            asked += 1
            return asked > moment
          })
        break
      } catch is Interruption {}
      let resumed = try ObjectiveRun.train(run.objective, settings, directory: scratch.path)
      #expect(try resumed.model.bits() == whole.model.bits(), "stopped at \(moment)")
      #expect(resumed.report.withoutTimes == whole.report.withoutTimes, "stopped at \(moment)")
      moment += 1
    }
    #expect(moment >= 6)
  }

  @Test(arguments: ObjectiveRun.all)
  func `differs from plain fine-tuning, and refuses its state`(run: ObjectiveRun) throws {
    let plain = try ObjectiveRun.train(Objective(), settings)
    #expect(try ObjectiveRun.train(run.objective, settings).model.bits() != plain.model.bits())

    let scratch = try Scratch()
    #expect(throws: Interruption.self) {
      var asked = 0
      _ = try ObjectiveRun.train(
        run.objective, settings, directory: scratch.path,
        isCancelled: {
          asked += 1
          return asked > 6
        })
    }
    let error = #expect(throws: InputError.self) {
      _ = try ObjectiveRun.train(Objective(), settings, directory: scratch.path)
    }
    #expect(error?.description.contains("another objective") == true)
  }

  /// A budget for which batches have to be cut: the report says so, and cuts that are known from
  /// the start give the same bits.
  @Test(arguments: ObjectiveRun.all)
  func `trains on a small device`(run: ObjectiveRun) throws {
    var settings = settings
    settings.batchSize = 24
    var budget = 8 << 20
    var report: TrainingReport
    repeat {
      budget -= budget / 16
      report = try ObjectiveRun.train(
        run.objective, settings, on: CPUBackend(memoryLimit: budget)
      ).report
    } while (report.cut?.partCount ?? 1) < 3
    let again = try ObjectiveRun.train(
      run.objective, settings, on: CPUBackend(memoryLimit: budget))
    #expect(again.report.withoutTimes == report.withoutTimes)
    #expect(again.report.epochs.allSatisfy { $0.loss.isFinite })
  }

  @Test func `needs texts in each of its streams`() throws {
    let trainer = try Trainer(
      Toy.model(), settings: settings, objective: ObjectiveRun.restricted(isByTensor: false))
    let empty = EncodedDataset([], labels: [])
    let error = #expect(throws: TrainingError.self) {
      _ = try trainer.train(
        on: TrainingTexts(
          training: Toy.texts(8, seed: 1), validation: nil, others: ["poisoned": empty]))
    }
    #expect(error == .noTexts)
  }
}
