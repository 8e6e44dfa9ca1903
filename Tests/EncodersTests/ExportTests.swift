import Checkpoints
import Encoders
import Files
import FoundationEssentials
import Tensors
import TestSupport
import Testing

@Suite struct `An exported model` {
  @Test(arguments: PyTorchFixture.families, ClassifierKind.allCases)
  func `gives the same logits when it is read again`(family: String, head: ClassifierKind) throws {
    let fixture = try PyTorchFixture(family)
    let model = try fixture.classifier(head, on: CPUBackend.shared)
    let reloaded = try exported(model, fixture, prunedHeads: [[], []])
    #expect(reloaded.classifierKind == head)
    let again = try Classifier(reloaded, on: model.backend)
    let batch = try fixture.batch(on: model.backend)
    #expect(HeadMask(of: reloaded).prunedCount == 0)
    #expect(
      try again.forward(batch, PassOptions()).logits.hostFloats()
        == model.forward(batch, PassOptions()).logits.hostFloats())
  }

  @Test(arguments: PyTorchFixture.families, ClassifierKind.allCases)
  func `needs no mask for its pruned heads`(family: String, head: ClassifierKind) throws {
    let fixture = try PyTorchFixture(family)
    let model = try fixture.classifier(head, on: CPUBackend.shared)
    let mask = try fixture.headMask()
    let reloaded = try exported(model, fixture, prunedHeads: mask.pruned)
    #expect(HeadMask(of: reloaded) == mask)
    let again = try Classifier(reloaded, on: model.backend)
    let batch = try fixture.batch(on: model.backend)
    let tensor = try mask.tensor(on: model.backend)
    let masked = try model.forward(batch, PassOptions(headMask: tensor)).logits.hostFloats()
    #expect(try again.forward(batch, PassOptions()).logits.hostFloats() == masked)
    #expect(
      try again.forward(batch, PassOptions(headMask: tensor)).logits.hostFloats() == masked)
    #expect(try model.forward(batch, PassOptions()).logits.hostFloats() != masked)
  }

  @Test func `is refused as a classifier when it holds an encoder alone`() throws {
    let encoder = try PyTorchFixture("bert").checkpoint.encoder
    let error = #expect(throws: InputError.self) {
      _ = try Classifier(encoder, on: CPUBackend.shared)
    }
    #expect(error?.description.contains("encoder without a classifier head") == true)
  }

  private func exported(
    _ model: Classifier, _ fixture: PyTorchFixture, prunedHeads: [[Int]]
  ) throws -> ModelCheckpoint {
    let scratch = try Scratch()
    try model.checkpoint(source: fixture.checkpoint, prunedHeads: prunedHeads)
      .write(to: scratch.file("model"), card: ModelCard(summary: "A model of a test"))
    return try ModelCheckpoint.load(directory: scratch.file("model"))
  }
}
