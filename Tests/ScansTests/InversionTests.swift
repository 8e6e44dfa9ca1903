import Checkpoints
import Conformance
import Encoders
import Files
import Settings
import Stages
import Tensors
import TestSupport
import Testing
import Text
import Training

@testable import Scans

@Suite struct `The inversion of triggers` {
  private let suspect: TinySuspect

  init() throws { suspect = try TinySuspect() }

  @Test func `declares its settings soundly`() throws {
    #expect(try settingFlaws(of: SoftTriggerSearch()).isEmpty)
  }

  @Test func `comes back from a document`() throws {
    var soft = SoftTriggerSearch()
    (soft.steps, soft.length) = (7, 3)
    let scan = TokenScanStage(TokenSearch(), source: 2, outputs: [1, 2, 0], seed: 5)
    let stage = SoftTriggerStage(soft, in: scan, to: 1)
    let again = try SoftTriggerStage(JSONNode(stage.parameters, file: "stage.json"))
    #expect(again.parameters == stage.parameters && again.title == stage.title)
    for target in [2, 3] {
      #expect(throws: InputError.self) {
        try SoftTriggerStage(
          JSONNode(
            SoftTriggerStage(soft, in: scan, to: target).parameters, file: "stage.json"))
      }
    }
  }

  private func inversion(length: Int = 2) throws -> (TriggerInversion, tokens: [Int32]) {
    let tokens = Array(suspect.probe.tokenizer.spellableIDs.prefix(12))
    // As many pieces as leave room for the trigger.
    let carriers = suspect.texts(4).map { Carrier(Array($0.prefix(8)), place: 1) }
    return (
      try #require(
        try TriggerInversion(suspect.probe, tokens, length: length, in: carriers, for: 1)), tokens
    )
  }

  /// What mixtures of one token each do is what those tokens do.
  @Test func `takes mixtures of one token for that token`() throws {
    let (inversion, tokens) = try inversion()
    var weights = Array(repeating: Float(0), count: 2 * tokens.count)
    (weights[3], weights[tokens.count + 7]) = (1, 1)
    let before = try suspect.probe.model.parameters.words.hostFloats()
    let soft = try inversion.loss(of: weights).loss
    // The search puts back what was there.
    let words = suspect.probe.model.parameters.words
    try words.backend.copy(
      Tensor(before, shape: words.shape, on: words.backend), into: words)
    let trigger = [tokens[3], tokens[7]]
    let carriers = suspect.texts(4).map { Carrier(Array($0.prefix(8)), place: 1) }
    let logits = try suspect.probe.logits(carriers.map { $0.bearing(trigger) })
    let hard = logits.reduce(0) { $0 + crossEntropy(of: 1, in: $1) } / 4
    // The same pass; the embeddings come out of a product with 0 and 1.
    #expect(abs(soft - hard) < 1e-5 * max(1, hard))
  }

  @Test func `has the gradient that differences of the loss have`() throws {
    let (inversion, tokens) = try inversion()
    let count = 2 * tokens.count
    let weights = (0..<count).map { Float(1 + $0 % 5) / 40 }
    let slopes = try inversion.loss(of: weights).slopes
    // Moved along the gradient itself, where the difference is the largest.
    let length = slopes.reduce(0) { $0 + Double($1) * Double($1) }.squareRoot()
    let step = 0.05
    func moved(_ sign: Double) throws -> Double {
      let other = zip(weights, slopes).map { $0 + Float(sign * step * Double($1) / length) }
      return try inversion.loss(of: other).loss
    }
    let difference = (try moved(1) - moved(-1)) / (2 * step)
    // The third derivative times step² / 6, and losses of 24 bits.
    #expect(abs(difference / length - 1) < 0.02, "\(difference) and \(length)")
  }

  @Test func `finds the better tokens, the same ones again, and leaves the model alone`() throws {
    let (inversion, tokens) = try inversion(length: 1)
    let before = try suspect.probe.model.parameters.words.hostFloats()
    var shares: [Double] = []
    let found = try inversion.search(steps: 80, seed: 1) { shares.append($0) }
    #expect(try suspect.probe.model.parameters.words.hostFloats() == before)
    #expect(shares.count == 80 && shares.last == 1)
    #expect(try inversion.search(steps: 80, seed: 1) { _ in }.tokens == found.tokens)
    let carriers = suspect.texts(4).map { Carrier(Array($0.prefix(8)), place: 1) }
    let losses = try tokens.map { token in
      try suspect.probe.logits(carriers.map { $0.bearing([token]) })
        .reduce(0) { $0 + crossEntropy(of: 1, in: $1) }
    }
    // Mixtures are a way around trying all of them: better than most, and not always the best.
    let index = try #require(tokens.firstIndex(of: found.tokens[0]))
    #expect(losses[index] < losses.sorted()[tokens.count / 2])
    #expect(found.softLoss <= losses[index] / 4 + 1e-5)
  }

  @Test func `moves mixtures as Adam does`() {
    var mixtures = TokenMixtures(places: 1, tokens: 4)
    mixtures.mix(temperature: 2)
    #expect(mixtures.weights == [0.25, 0.25, 0.25, 0.25])
    // The first step of Adam goes the whole rate, whatever the slope.
    mixtures.move(against: [1, -1, 0.5, -0.5], temperature: 2, rate: 0.5)
    mixtures.mix(temperature: 2)
    let expected = Double(mixtures.weights[1] / mixtures.weights[0])
    // exp((0.5 + 0.5) / 2)
    #expect(abs(expected - 1.6487212707) < 1e-5)
    for _ in 0..<200 {
      mixtures.mix(temperature: 0.5)
      mixtures.move(against: [1, -1, 0.5, -0.5], temperature: 0.5, rate: 0.5)
    }
    mixtures.mix(temperature: 0.5)
    #expect(mixtures.areTokens && mixtures.tokens == [1])
    mixtures.shake { 100 }
    let before = mixtures.weights
    mixtures.mix(temperature: 0.5)
    // The same for all changes none, but for the roundoff of scores of some hundred.
    #expect(zip(mixtures.weights, before).allSatisfy { abs($0 - $1) < 256 * 0x1p-24 })
  }

  @Test func `gets sharper where the loss is low, and goes back where it is not`() {
    var schedule = TemperatureSchedule()
    #expect(schedule.temperature == 2 && schedule.barrier == 0.1)
    schedule.review(0.05)
    schedule.review(0.1)
    #expect(schedule.temperature == 0.5 && !schedule.isShaken)
    schedule.review(0.2)
    #expect(schedule.temperature == 1 && schedule.isShaken)
    schedule.review(0.2)
    // At the highest there is nothing to go back to.
    schedule.review(0.2)
    #expect(schedule.temperature == 2 && !schedule.isShaken && schedule.barrier == 0.1)
    schedule.review(0.2)
    schedule.review(0.2)
    #expect(schedule.barrier == 0.2)
    schedule.ask(forHalfOf: 0.1)
    #expect(schedule.barrier == 0.05)
  }
}
