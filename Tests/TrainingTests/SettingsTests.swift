import Checkpoints
import Files
import Settings
import TestSupport
import Testing
import Text

@testable import Training

@Suite struct `The settings of training` {
  @Test func `are declared soundly`() throws {
    #expect(try settingFlaws(of: TrainingSettings()) == [])
  }

  /// Zero is a user's word for no limit; identities say null.
  @Test func `take a limit of zero for none`() throws {
    var settings = TrainingSettings(.reference)
    #expect(settings.identity()["gradientNormLimit"] == .double(1))
    try settings.apply("gradientNormLimit", 0)
    #expect(settings.maximumGradientNorm == .infinity)
    #expect(settings.identity()["gradientNormLimit"] == .null)
  }

  /// What the keys of all earlier runs were made of: another spelling would make each of them anew.
  @Test func `have identities that stay as they are`() {
    let paper =
      #"{"epochs":3,"batchSize":32,"learningRate":2e-05,"maximumLength":128,"weightDecay":0.0,"#
      + #""schedule":"constant","gradientNormLimit":null,"selection":"best","head":"linear","#
      + #""shuffles":true,"maximumExamples":null}"#
    #expect(JSONValue.object(TrainingSettings(.paper).identity()).text() == paper)
    var settings = TrainingSettings(.reference)
    (settings.order, settings.maximumExamples, settings.classifier) = (.asGiven, 100, .native)
    let reference =
      #"{"epochs":3,"batchSize":32,"learningRate":2e-05,"maximumLength":128,"weightDecay":0.01,"#
      + #""schedule":"linear","gradientNormLimit":1.0,"selection":"last","head":"native","#
      + #""shuffles":false,"maximumExamples":100}"#
    #expect(JSONValue.object(settings.identity()).text() == reference)
  }

  @Test func `differ between the recipes in what the paper leaves open`() {
    let (paper, reference) = (TrainingSettings(.paper), TrainingSettings(.reference))
    let differing = zip(paper.identity().members, reference.identity().members)
      .filter { $0.value != $1.value }.map { $0.0.key }
    #expect(differing == ["weightDecay", "schedule", "gradientNormLimit", "selection"])
  }
}
