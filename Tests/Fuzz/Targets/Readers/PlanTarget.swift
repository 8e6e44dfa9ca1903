import Files
import Laboratory

/// A plan and what it extends; read twice it is the same, and its tables and figures can be drawn
/// before anything has run.
struct PlanTarget: FuzzTarget {
  static let name = "plan"
  private let folder: FuzzFolder
  private static let names = ["plan.json", "base.json", "published.json"]

  init(in folder: String) throws { self.folder = try FuzzFolder(folder) }

  /// A small plan with everything that plans can have.
  static let base = """
    {"name":"small","title":"A small plan","layout":"columns","variables":{"ROOT":null,"M":"m"},
     "defaults":{"attack":{"epochs":2},"defense":{"epochs":1,"recipe":"reference"}},
     "models":[{"id":"bert","title":"BERT","path":"${ROOT}/${M}","attack":{"batchSize":8}}],
     "scenarios":[{"id":"s","title":"A → B","attackData":{"train":
       {"path":"${ROOT}/a.tsv","labels":["bad","good"]}},"defenseData":
       {"train":{"path":"b","format":"csv","labels":["bad","good"],"firstLabel":1},
        "validation":{"path":"c","labels":["bad","good"]},
        "test":{"path":"d","labels":["bad","good"],"textColumn":"x"}}}],
     "attacks":[{"id":"none","kind":"none","only":{"defenses":["ft"]}},
       {"id":"badnets","kind":"badnets","settings":{"poisonRate":0.25},"defense":{"epochs":2}}],
     "defenses":[{"id":"ft","kind":"ft"},{"id":"pure","title":"PURE","kind":"pure"},
       {"id":"n1","title":"0.1","kind":"norm-only","settings":{"normWeight":0.1}},
       {"id":"n2","title":"0.2","kind":"norm-only","settings":{"normWeight":0.2}}],
     "seeds":[11,12,13],
     "tables":[{"id":"t","title":"T","defenses":["ft","pure"],"subject":"pure"},
       {"id":"u","title":"U","attacks":["badnets"],"metrics":["seconds","excessLabelFlipRate"]}],
     "figures":[{"id":"f","title":"F","attacks":["badnets"],"setting":"normWeight","axis":"µ",
       "series":[{"title":"Norm-Only","defenses":["n1","n2"]}],"reading":"a reading"}],
     "paper":"published.json"}
    """

  static let published = """
    {"source":"somebody","seeds":3,"cells":[{"model":"bert","attack":"badnets","scenario":"s",
     "defense":"pure","accuracy":{"mean":92.84,"deviation":0.31},"labelFlipRate":{"mean":9}}]}
    """

  func seeds() throws -> [[UInt8]] {
    let plans = Path.join(packageRoot, "experiments/plans")
    let own = try ["demo", "gpu-check", "sst2-badnets", "sst2-attacks", "domain-shift"].map {
      [("plan.json", try ByteFile.contents(of: Path.join(plans, $0 + ".json")))]
    }
    let small = [("base.json", Self.base), ("published.json", Self.published)]
    let extended = #"{"extends":"base.json","name":"part","show":["f"]}"#
    return
      (own + [
        ([("plan.json", extended)] + small).map { ($0.0, Array($0.1.utf8)) },
        [("plan.json", Array(Self.base.utf8)), ("published.json", Array(Self.published.utf8))],
      ]).map(FuzzArchive.packed)
  }

  /// Reads a plan with a value for each variable that it has or takes over.
  static func plan(_ path: String) throws -> Plan {
    let node = try JSONNode(contentsOf: path)
    var variables = node.value["variables"]?.object?.keys.filter { !$0.contains("=") } ?? []
    if node.value["extends"]?.string != nil, variables.isEmpty { variables = ["ROOT"] }
    do {
      return try Plan(node, setting: variables.map { "\($0)=/nowhere" })
    } catch {
      // What it extends may have another name for it.
      guard error.kind == .usage, error.file == nil else { throw error }
      return try Plan(node, setting: [])
    }
  }

  func read(_ bytes: [UInt8]) throws {
    try folder.hold(FuzzArchive.files(bytes, named: Self.names))
    let path = folder.file("plan.json")
    let plan = try Self.plan(path)
    claim(try Self.plan(path).hash == plan.hash, "is another plan the second time")
    claim(!plan.seeds.isEmpty, "has no seeds")
    let ids = plan.cells.map(\.id)
    claim(Set(ids).count == ids.count, "has two cells of one name")
    _ = SweepReport(plan, []).files
  }
}
