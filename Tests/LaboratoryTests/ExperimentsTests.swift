import Defenses
import Files
import Stages
import Testing
import Text

@testable import Laboratory

private func plan(_ name: String, _ settings: [String] = []) throws(InputError) -> Plan {
  let root = #filePath.split(separator: "/").dropLast(3).joined(separator: "/")
  return try Plan(contentsOf: "/\(root)/experiments/plans/\(name).json", setting: settings)
}

@Test func `the demonstration attacks once and defends in four ways`() throws {
  let demo = try plan("demo")
  #expect(
    demo.cells.map(\.id) == [
      "minilm/none/reviews/ft/seed-11", "minilm/badnets/reviews/ft/seed-11",
      "minilm/badnets/reviews/prune-only/seed-11", "minilm/badnets/reviews/norm-only/seed-11",
      "minilm/badnets/reviews/pure/seed-11",
    ])
}

@Test func `the SST-2 plan has every defence, three seeds and the paper's values`() throws {
  let sst2 = try plan("sst2-badnets", ["SST2=/data/SST-2"])
  #expect(sst2.seeds == [11, 12, 13])
  let cleanTextsAlone = KnownDefenses.all.filter { $0 is PURE }.map(\.name)
  #expect(sst2.defenses.map(\.method.name) == cleanTextsAlone)
  #expect(sst2.cells.count == 3 * (1 + 5))
  #expect(sst2.expected.count == 6)
  #expect(sst2.cells.allSatisfy { $0.scenario.defenseTest.path == "/data/SST-2/test.tsv" })
}

@Test func `the SST-2 plan asks for its folder`() {
  #expect {
    try plan("sst2-badnets")
  } throws: { error in
    "\(error)".hasSuffix("needs a value for ${SST2}; give one with --set SST2=VALUE")
  }
}

@Test func `the table of settings in the documentation is that of the declarations`() throws {
  let root = #filePath.split(separator: "/").dropLast(3).joined(separator: "/")
  let text = try ByteFile.contents(of: "/\(root)/experiments/README.md")
  #expect(
    String(decoding: text, as: UTF8.self).contains(SettingsTable.markdown),
    "experiments/README.md lacks this table:\n\(SettingsTable.markdown)")
}
