import Files
import Laboratory

/// A plan; read twice it is the same, and its tables can be drawn before anything has run.
struct PlanTarget: FuzzTarget {
  static let name = "plan"
  private let file: String

  init(in folder: String) { file = Path.join(folder, "plan.json") }

  func seeds() throws -> [[UInt8]] {
    let plans = Path.join(packageRoot, "experiments/plans")
    return try Path.names(in: plans).filter { $0.hasSuffix(".json") }.map {
      try ByteFile.contents(of: Path.join(plans, $0))
    }
  }

  func read(_ bytes: [UInt8]) throws {
    let node = JSONNode(try JSONValue(parsing: bytes, file: file), file: file)
    let variables = node.value["variables"]?.object?.keys.filter { !$0.contains("=") } ?? []
    let settings = variables.map { "\($0)=/nowhere" }
    let plan = try Plan(node, setting: settings)
    claim(try Plan(node, setting: settings).hash == plan.hash, "is another plan the second time")
    claim(!plan.seeds.isEmpty, "has no seeds")
    let ids = plan.cells.map(\.id)
    claim(Set(ids).count == ids.count, "has two cells of one name")
    _ = SweepReport(plan, []).html
    for cell in plan.cells.prefix(8) {
      _ = (cell.attackSettings.json.text(), cell.defenseSettings.json.text())
    }
  }
}
