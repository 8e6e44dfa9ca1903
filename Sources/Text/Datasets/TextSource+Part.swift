public import Files

extension TextSource {
  /// A part of a file whose other parts serve otherwise.
  public enum Part: Hashable, Sendable {
    /// One of the two parts of `Dataset.split`.
    ///
    /// - Parameters:
    ///   - isValidation: whether it is the validation texts that are meant, and not the rest.
    ///   - fraction: the validation texts' share of all, 0 … 1.
    ///   - seed: draws them.
    case half(isValidation: Bool, fraction: Double, seed: UInt64)
    /// One of the parts of a split that others make alike.
    case named(DatasetSplit.Part, of: DatasetSplit)
  }

  /// The two parts of a seeded split of these texts.
  public func split(validationFraction: Double, seed: UInt64) -> (
    training: TextSource, validation: TextSource
  ) {
    func half(isValidation: Bool) -> TextSource {
      with(.half(isValidation: isValidation, fraction: validationFraction, seed: seed))
    }
    return (half(isValidation: false), half(isValidation: true))
  }

  /// The same with a part of its texts.
  public func with(_ part: Part) -> TextSource {
    var source = self
    source.part = part
    return source
  }
}

extension TextSource.Part {
  /// The texts of this part.
  ///
  /// - Throws: `InputError` where a part of the split has none.
  public func texts(of all: Dataset) throws(InputError) -> Dataset {
    switch self {
    case .half(let isValidation, let fraction, let seed):
      let (training, validation) = all.split(validationFraction: fraction, seed: seed)
      guard validation.count > 0 else {
        throw InputError(
          file: all.source, problem: "has too few texts to set some aside for validation",
          remedy: "name a file of validation texts")
      }
      return isValidation ? validation : training
    case .named(let part, let split):
      return all.selecting(try split.rows(of: all.count, in: all.source)[part] ?? [])
    }
  }

  /// As plans and stages have it.
  var json: JSONValue {
    switch self {
    case .half(let isValidation, let fraction, let seed):
      return [
        "isValidation": .bool(isValidation), "validationFraction": .double(fraction),
        "seed": .int(Int(seed)),
      ]
    case .named(let part, let split):
      var object = split.json
      object["name"] = .string(part.rawValue)
      return .object(object)
    }
  }

  /// Reads what `json` wrote.
  init(_ node: JSONNode) throws(InputError) {
    guard let isValidation = try node.optional("isValidation") else {
      try self.init(named: node)
      return
    }
    self = .half(
      isValidation: try isValidation.bool(),
      fraction: try node.required("validationFraction").double(in: 0...1),
      seed: UInt64(try node.required("seed").int(in: 0...Int.max)))
  }

  /// Reads a part that has a name, as a plan writes it.
  init(named node: JSONNode) throws(InputError) {
    try node.requireKeys(among: ["name"] + DatasetSplit.keys)
    let split = try DatasetSplit(node)
    let name = try node.required("name")
    let part: DatasetSplit.Part = try name.name()
    guard split.parts.contains(part) else {
      throw name.error("is \"\(part.rawValue)\", which has no size", remedy: "name a third size")
    }
    self = .named(part, of: split)
  }
}

/// As plans and `split.json` have it.
extension DatasetSplit {
  static let keys = ["shares", "counts", "seed", "draw"]

  /// What draws the rows.
  public var json: JSONObject {
    var members: [(String, JSONValue)] =
      switch sizes {
      case .shares(let shares): [("shares", .array(shares.map(JSONValue.double)))]
      case .counts(let counts): [("counts", .array(counts.map(JSONValue.int)))]
      }
    members.append(("seed", .int(Int(seed))))
    if let drawn { members.append(("draw", .int(drawn))) }
    return JSONObject(members)
  }

  /// Reads `shares` or `counts`, `seed` (11 where there is none) and `draw`.
  init(_ node: JSONNode) throws(InputError) {
    let (shares, counts) = (try node.optional("shares"), try node.optional("counts"))
    let sizes: Sizes
    switch (shares, counts) {
    case (let shares?, nil):
      sizes = .shares(
        try shares.elements().map { share throws(InputError) in try share.double() })
    case (nil, let counts?):
      sizes = .counts(try counts.elements().map { count throws(InputError) in try count.int() })
    default: throw node.error("needs either shares or counts", remedy: "give one of them")
    }
    let seed = UInt64(try node.optional("seed")?.int(in: 0...Int.max) ?? 11)
    let drawn = try node.optional("draw")?.int()
    do {
      try self.init(sizes, seed: seed, drawn: drawn)
    } catch {
      throw node.error(error.problem, remedy: error.remedy)
    }
  }
}
