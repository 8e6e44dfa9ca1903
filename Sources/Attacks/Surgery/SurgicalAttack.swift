public import Files
public import Settings
public import Stages
internal import Training

/// An attack by rare words that may begin with embedding surgery (Kurita et al. 2020, RIPPLES is
/// RIPPLe with it): before the training each trigger gets the mean embedding of the words that lean
/// most to the target class in a clean model that was fine-tuned on the task.
public protocol SurgicalAttack: RareWordAttack {
  /// Whether it does.
  var embeddingSurgery: Bool { get set }
  /// Directory of the model whose embeddings are taken; nil for the attacked one, fine-tuned on the
  /// clean texts as the attack trains.
  var surgeryModel: String? { get set }
}

extension SurgicalAttack {
  /// Those of surgery.
  public var works: [any StageWork.Type] { [TargetPiecesStage.self, SurgeryStage.self] }

  /// Surgery where it is asked for, and the training.
  public func stages(
    from model: Stage.Input, with material: AttackMaterial, in graph: inout StageGraph
  ) throws(InputError) -> Stage {
    guard embeddingSurgery else {
      guard surgeryModel == nil else {
        throw InputError(
          .usage, problem: "a surgery model means nothing without embedding surgery",
          remedy: "add --embedding-surgery, in a plan embeddingSurgery, or leave it out")
      }
      return try poisoning(of: model, with: material, in: &graph)
    }
    let model = model.named("model")
    // First, since it may refuse.
    let pieces = graph.add(TargetPiecesStage(self, material.training), model, material.train)
    let reference: Stage.Input
    if let surgeryModel {
      reference = try graph.model(surgeryModel, as: "reference")
    } else {
      reference = graph.add(
        FineTuningStage(material.training), model, material.train, material.validation
      ).output(as: "reference")
    }
    let altered = graph.add(SurgeryStage(), model, reference, pieces.output(as: "pieces"))
    return try poisoning(of: altered.output(as: "model"), with: material, in: &graph)
  }
}

extension Setting where Root: SurgicalAttack {
  /// Whether triggers begin as words of the target class.
  public static var embeddingSurgery: Setting {
    .flag(
      "embeddingSurgery", \Root.embeddingSurgery, omitting: false,
      "Begin with the mean embedding of words of the target class in place of each trigger's.")
  }

  /// Whose embeddings.
  public static var surgeryModel: Setting {
    .model(
      "surgeryModel", \Root.surgeryModel,
      "Model fine-tuned on the task whose embeddings surgery takes; otherwise the attacked one is "
        + "fine-tuned for it.")
  }
}
