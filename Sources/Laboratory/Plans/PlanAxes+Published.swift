internal import Files

extension PlanAxes {
  /// Published values with their source.
  struct Published {
    /// By the group of cells that they stand beside.
    var expected: [String: Expectation] = [:]
    var source = ""
    var seedCount: Int?
  }

  /// - Parameters:
  ///   - node: the plan's `paper`, or the name of a file that holds one for several plans; of such
  ///     a file the cells that this plan does not have are passed over.
  ///   - cells: of the plan.
  func published(_ node: JSONNode?, for cells: [Cell]) throws(InputError) -> Published {
    guard let node else { return Published() }
    let isShared = node.value.string != nil
    let paper = isShared ? try JSONNode(contentsOf: PlanDocument.neighbour(node)) : node
    try paper.requireKeys(among: ["source", "seeds", "cells"])
    let groups = Dictionary(grouping: cells, by: \.publishedGroup).mapValues { cells in
      cells.map(\.group).distinct
    }
    var published = Published(
      source: try paper.required("source").string(),
      seedCount: try paper.optional("seeds")?.int(in: 1...1_000_000))
    var seen: Set<String> = []
    for cell in try paper.required("cells").elements() {
      let (ids, expectation) = try expectation(cell, of: cells, isShared: isShared)
      let group = ids.joined(separator: "/")
      guard seen.insert(group).inserted else {
        throw cell.error("is there twice", remedy: "remove one")
      }
      guard groups[group] != nil || isShared || absent.contains(where: { $0.id == ids[2] }) else {
        throw cell.error(
          "is about \(group), which the plan does not run", remedy: "correct or remove it")
      }
      for group in groups[group] ?? [] { published.expected[group] = expectation }
    }
    return published
  }

  private func expectation(
    _ cell: JSONNode, of cells: [Cell], isShared: Bool
  ) throws(InputError) -> (ids: [String], Expectation) {
    let axes: [(key: String, ids: [String])] = [
      ("model", models.map(\.value.publishedID)),
      ("attack", attacks.map(\.value.id) + cells.map(\.attack.id).distinct),
      ("scenario", scenarios.map(\.value.publishedID) + absent.map(\.id)),
      ("defense", defenses.map(\.value.id)),
    ]
    try cell.requireKeys(among: axes.map(\.key) + ["accuracy", "labelFlipRate", "seconds"])
    var ids: [String] = []
    for axis in axes {
      let name = try cell.required(axis.key)
      ids.append(try name.string())
      if !isShared { try Self.requireKnown(ids.suffix(1), among: axis.ids, at: name) }
    }
    return (
      ids,
      Expectation(
        accuracy: try value(cell.optional("accuracy")),
        labelFlipRate: try value(cell.optional("labelFlipRate")),
        seconds: try value(cell.optional("seconds"), in: 0...1e9))
    )
  }

  private func value(
    _ node: JSONNode?, in range: ClosedRange<Double> = 0...100
  ) throws(InputError) -> Expectation.Value? {
    guard let node else { return nil }
    try node.requireKeys(among: ["mean", "deviation"])
    return Expectation.Value(
      mean: try node.required("mean").double(in: range),
      deviation: try node.optional("deviation")?.double(in: range))
  }
}

extension Cell {
  /// The group under which its values are published.
  fileprivate var publishedGroup: String {
    [model.publishedID, attack.id, scenario.publishedID, defense.id].joined(separator: "/")
  }
}
