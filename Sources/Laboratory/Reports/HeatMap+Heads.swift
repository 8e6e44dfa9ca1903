extension HeatMap {
  /// The three maps of figure 2, or the first of them alone: clean texts, the same with a trigger,
  /// and what the trigger adds. Both score maps share one scale.
  ///
  /// - Parameters:
  ///   - clean: variance scores, layers × heads.
  ///   - poisoned: the same on triggered texts.
  ///   - pruned: heads to cross out, the shape of `clean`; empty for none.
  ///   - candidate: what they bear where nobody says that it is a trigger.
  public static func scores(
    clean: [[Double]], poisoned: [[Double]]? = nil, pruned: [[Bool]] = [],
    candidate: String? = nil
  ) -> [HeatMap] {
    let largest = (clean + (poisoned ?? [])).joined().filter(\.isFinite).max() ?? 0
    func map(
      _ title: String, _ caption: String, _ values: [[Double]], _ scale: Scale? = nil
    ) -> HeatMap {
      HeatMap(
        title: title, caption: caption, values: values,
        rowLabels: values.indices.map { "\($0 + 1)" },
        columnLabels: (values.first ?? []).indices.map { "\($0 + 1)" }, rowAxis: "layer",
        columnAxis: "head", scale: scale ?? .sequential(maximum: largest), marked: pruned)
    }
    let first = map("Clean texts", "Mean variance of the [CLS] attention.", clean)
    guard let poisoned else { return [first] }
    let differences = zip(clean, poisoned).map { clean, poisoned in
      zip(clean, poisoned).map { $1 - $0 }
    }
    let limit = differences.joined().filter(\.isFinite).map(abs).max() ?? 0
    let (title, name) =
      candidate.map { ("With it", "\"\($0)\"") } ?? ("Poisoned texts", "a trigger")
    return [
      first, map(title, "The same texts with \(name).", poisoned),
      map(
        "Difference",
        "\(title) minus clean: heads that \(candidate == nil ? "the trigger" : name) "
          + "takes over stand out.",
        differences, .diverging(limit: limit)),
    ]
  }

  /// The maps of figure 3: what [CLS] of the last layer attends to in each text, on one scale.
  public static func attention(_ readings: [AttentionReading]) -> [HeatMap] {
    let largest = readings.flatMap { $0.weights.joined() }.max() ?? 0
    return zip(readings, ["Clean text", "With the trigger"]).map { reading, title in
      HeatMap(
        title: title, caption: reading.text, values: reading.weights,
        rowLabels: reading.weights.indices.map { "\($0 + 1)" }, columnLabels: reading.tokens,
        rowAxis: "head", columnAxis: "token", scale: .sequential(maximum: largest))
    }
  }
}
