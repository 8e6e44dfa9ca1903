import Checkpoints
import Encoders
import Files
import Tensors
import TestSupport
import Testing
import Text
import Training

@Suite struct `A run that was stopped` {
  private let texts = Toy.texts(24, seed: 4, noise: 0.4)

  @Test(arguments: TrainingSettings.Selection.allCases)
  func `ends bit for bit where it would have ended`(
    selection: TrainingSettings.Selection
  ) throws {
    let settings = Toy.settings(epochs: 5, learningRate: 1e-2, selection: selection)
    let whole = try run(settings, directory: nil)
    if selection == .best { #expect(whole.report.selectedEpoch < 5) }
    // Three steps and one validation batch an epoch: stopped at each of them.
    for moment in 0..<5 * 4 {
      let scratch = try Scratch()
      let directory = Path.join(scratch.path, "state")
      var asked = 0
      #expect(throws: Interruption.self) {
        _ = try run(
          settings, directory: directory,
          isCancelled: {
            asked += 1
            return asked > moment
          })
      }
      let resumed = try run(settings, directory: directory)
      #expect(try resumed.model.bits() == whole.model.bits(), "stopped at \(moment)")
      #expect(resumed.report.withoutTimes == whole.report.withoutTimes, "stopped at \(moment)")
      // Killed before the result was put away, it has the last epoch to do again, not all of them.
      var steps = 0
      let again = try run(
        settings, directory: directory,
        isCancelled: {
          steps += 1
          return false
        })
      #expect(try again.model.bits() == whole.model.bits(), "stopped at \(moment)")
      #expect(steps == 4)
    }
  }

  @Test func `may be stopped again and again`() throws {
    let settings = Toy.settings(epochs: 5, learningRate: 1e-2)
    let whole = try run(settings, directory: nil)
    let scratch = try Scratch()
    var stops = 0
    while stops < 10 {
      var asked = 0
      do {
        // Enough for an epoch and the beginning of the next.
        let resumed = try run(
          settings, directory: scratch.path,
          isCancelled: {
            asked += 1
            return asked > 6
          })
        #expect(try resumed.model.bits() == whole.model.bits())
        #expect(resumed.report.withoutTimes == whole.report.withoutTimes)
        break
      } catch is Interruption { stops += 1 }
    }
    #expect(stops == 4)
  }

  @Test func `skips the epochs that are done`() throws {
    let settings = Toy.settings(epochs: 3)
    let scratch = try Scratch()
    try stop(settings, afterEpochs: 2, directory: scratch.path)
    var steps: [Int] = []
    _ = try run(settings, directory: scratch.path, onProgress: { steps.append($0.step) })
    #expect(steps.first.map { $0 > 6 } == true)
    #expect(steps.last == 9)
  }

  @Test func `refuses a state that is not one`() throws {
    let settings = Toy.settings(epochs: 3)
    let scratch = try Scratch()
    let file = Path.join(scratch.path, "training.safetensors")
    try stop(settings, afterEpochs: 1, directory: scratch.path)
    let bytes = try ByteFile.contents(of: file)
    let damaged: [(String, [UInt8])] = [
      ("cut off", Array(bytes.dropLast(1))), ("empty", []),
      ("text", Array("no state at all, only a sentence".utf8)),
      ("header", Array(bytes[0..<8]) + [UInt8](repeating: 0x20, count: bytes.count - 8)),
    ]
    for (name, contents) in damaged {
      try AtomicFile.write(contents, to: file)
      let error = #expect(throws: InputError.self, "\(name)") {
        _ = try run(settings, directory: scratch.path)
      }
      #expect(error?.file == file, "\(name)")
      #expect(error?.remedy == "delete it to train from the beginning", "\(name)")
    }
  }

  @Test func `goes on from no state in which a bit has changed`() throws {
    let settings = Toy.settings(epochs: 3)
    let scratch = try Scratch()
    let file = Path.join(scratch.path, "training.safetensors")
    try stop(settings, afterEpochs: 1, directory: scratch.path)
    let bytes = try ByteFile.contents(of: file)
    // Each bit of some bytes: of the header's, every seventh, of the numbers', every 1009th.
    let header = 8 + bytes[..<8].reversed().reduce(0) { $0 << 8 | Int($1) }
    let places =
      stride(from: 0, to: header, by: 7).map { $0 }
      + stride(from: header, to: bytes.count, by: 1009).map { $0 }
    for (number, place) in places.enumerated() {
      var changed = bytes
      changed[place] ^= 1 << (number % 8)
      try AtomicFile.write(changed, to: file)
      let error = #expect(throws: InputError.self, "byte \(place)") {
        _ = try run(settings, directory: scratch.path)
      }
      #expect(error?.file == file && error?.remedy.hasSuffix("train from the beginning") == true)
    }
    try Path.remove(file)
    let whole = try run(settings, directory: nil)
    #expect(try run(settings, directory: scratch.path).model.bits() == whole.model.bits())
  }

  @Test func `begins anew where the state is another run's`() throws {
    let settings = Toy.settings(epochs: 3)
    let scratch = try Scratch()
    try stop(settings, afterEpochs: 1, directory: scratch.path)
    var steps: [Int] = []
    var trainer = try Trainer(
      Toy.model(), settings: settings, checkpointDirectory: scratch.path, run: "another")
    trainer.onProgress = { steps.append($0.step) }
    #expect(try trainer.train(on: texts, validation: nil).epochs.count == 3)
    #expect(steps.first.map { $0 <= 3 } == true)
  }

  @Test func `refuses a state of another model`() throws {
    let scratch = try Scratch()
    let file = Path.join(scratch.path, "training.safetensors")
    let settings = Toy.settings(epochs: 3)
    try stop(settings, afterEpochs: 1, directory: scratch.path)
    var configuration = Toy.configuration
    configuration.vocabularySize = 30
    let other = try Classifier(
      random: configuration, classifier: .native, seed: 1, on: CPUBackend.shared)
    let error = #expect(throws: InputError.self) {
      _ = try Trainer(other, settings: settings, checkpointDirectory: scratch.path)
        .train(on: texts, validation: nil)
    }
    #expect(error?.file == file)
  }

  @Test func `refuses a file without a report`() throws {
    let scratch = try Scratch()
    let file = Path.join(scratch.path, "training.safetensors")
    var writer = try SafetensorsWriter(
      AtomicFile(file), tensors: [("parameters", [1])], type: .float32)
    try writer.write(HostTensor(shape: [1], values: [1]))
    try writer.commit()
    let error = #expect(throws: InputError.self) {
      _ = try run(Toy.settings(), directory: scratch.path)
    }
    #expect(error?.description.contains("delete it to train from the beginning") == true)
  }

  private func stop(
    _ settings: TrainingSettings, afterEpochs epochs: Int, directory: String
  ) throws {
    var asked = 0
    #expect(throws: Interruption.self) {
      _ = try run(
        settings, directory: directory,
        isCancelled: {
          asked += 1
          return asked > epochs * 4
        })
    }
  }

  private func run(
    _ settings: TrainingSettings, directory: String?,
    onProgress: @escaping (TrainingProgress) -> Void = { _ in },
    isCancelled: @escaping () -> Bool = { false }
  ) throws -> (model: Classifier, report: TrainingReport) {
    let model = try Toy.model()
    var trainer = try Trainer(model, settings: settings, checkpointDirectory: directory)
    trainer.isCancelled = isCancelled
    trainer.onProgress = onProgress
    let validation = try EvaluationSet(
      Toy.texts(20, seed: 5, noise: 0.4), classCount: 2, on: model.backend)
    return (model, try trainer.train(on: texts, validation: validation))
  }
}
