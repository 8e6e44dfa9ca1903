internal import Checkpoints
internal import Training
internal import Files

extension PlannedTraining {
  /// Every setting, for stage keys and records.
  var json: JSONValue {
    [
      "epochs": .int(epochs), "batchSize": .int(batchSize), "learningRate": .double(learningRate),
      "maximumLength": .int(maximumLength), "weightDecay": .double(weightDecay),
      "schedule": .string(schedule.rawValue),
      "gradientNormLimit": gradientNormLimit.map(JSONValue.double) ?? .null,
      "selection": .string(selection.rawValue), "head": .string(head.rawValue),
      "shuffles": .bool(shuffles),
      "maximumExamples": maximumExamples.map(JSONValue.int) ?? .null,
    ]
  }
}

extension AttackSettings {
  /// What a triggered text depends on.
  var triggerJSON: JSONValue {
    [
      "words": .array(triggers.map(JSONValue.string)), "targetLabel": .int(targetLabel),
      "insertionLimit": .int(insertionLimit),
    ]
  }

  /// Every setting, for records.
  var json: JSONValue {
    [
      "recipe": .string(recipe.rawValue), "trigger": triggerJSON,
      "poisonRate": .double(poisonRate), "training": training.json,
    ]
  }
}

extension DefenseSettings {
  /// Every setting that a defence of that kind looks at, for records.
  func json(_ kind: DefenseKind) -> JSONValue {
    var object = JSONObject([
      ("kind", .string(kind.rawValue)), ("recipe", .string(recipe.rawValue)),
    ])
    if kind.prunes {
      object["accuracyFloor"] = .double(accuracyFloor)
      object["pruningStep"] = .int(pruningStep)
    }
    if kind.normalizes { object["normWeight"] = .double(normWeight) }
    object["training"] = training.json
    return .object(object)
  }
}
