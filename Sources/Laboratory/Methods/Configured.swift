public import Attacks
public import Defenses
public import Files
public import Settings
internal import Stages
public import Training

/// A method, `any Attack` or `any Defense`, with all that a run of it depends on but the seed.
public struct Configured<AnyMethod: Sendable>: Sendable {
  /// The method with its own settings.
  public var method: AnyMethod
  /// Whose constants fill in what nobody has set.
  public let recipe: Recipe
  /// How the poisoned model is trained, or the last fine-tuning of a cleaned one goes.
  public var training: TrainingSettings

  /// Every setting and what the method may see, for records.
  fileprivate func record(of method: any Method, _ own: JSONObject) -> JSONValue {
    var object = own
    object["sees"] = .array(method.sees.map { .string($0.rawValue) })
    object["recipe"] = .string(recipe.rawValue)
    object["training"] = .object(training.identity())
    return .object(object)
  }
}

/// An attack with its settings.
public typealias ConfiguredAttack = Configured<any Attack>
/// A defence with its settings.
public typealias ConfiguredDefense = Configured<any Defense>

extension Configured<any Attack> {
  /// A recipe's attack.
  public init(_ attack: any Attack, _ recipe: Recipe) {
    (method, training) = attack.following(recipe)
    self.recipe = recipe
  }

  /// Every setting, what the attack may see and what its results are marked with, for records.
  public var json: JSONValue {
    var own = method.fullJSON
    for remark in method.remarks { own[remark.name] = .string(remark.value) }
    return record(of: method, own)
  }
}

extension Configured<any Defense> {
  /// A recipe's defence.
  public init(_ defense: any Defense, _ recipe: Recipe) {
    (method, training) = defense.following(recipe)
    self.recipe = recipe
  }

  /// Every setting and what the defence may see, for records.
  public var json: JSONValue { record(of: method, method.json) }
}

extension Method {
  fileprivate func following(_ recipe: Recipe) -> (method: Self, training: TrainingSettings) {
    var method = self
    method.follow(recipe)
    return (method, method.training(recipe))
  }
}
