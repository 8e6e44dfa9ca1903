import Files
import Stages
import TestSupport
import Testing

@testable import Laboratory

@Suite struct `An artifact that was damaged since` {
  private let bench: SweepBench
  /// The fine-tuning of the first cell, whose evaluation and record are to be made again.
  private let artifact: String

  init() throws {
    bench = try SweepBench()
    _ = try bench.run()
    let stages = try CellStages(bench.plan.cells[0], ContentHasher())
    let store = bench.output + "/store"
    artifact = Path.join(store, stages.final.name)
    try Path.remove(Path.join(store, stages.evaluation.name))
    try Path.remove(bench.recordFile.path)
  }

  @Test(arguments: [[3], [], nil] as [[UInt8]?])
  func `is named, used for nothing, and made again once it is deleted`(content: [UInt8]?) throws {
    let file = Path.join(artifact, "result")
    if let content {
      try AtomicFile.write(content, to: file)
    } else {
      try Path.remove(file)
    }
    let outcome = try bench.run()
    #expect(outcome.failedCount == 1)
    guard case .failed(let reason) = outcome.records[0].result else {
      Issue.record("the cell was measured")
      return
    }
    #expect(reason.contains("\(file): is not as its stage left it"))
    #expect(reason.contains("delete the folder \(artifact) and run the same command again"))
    try Path.remove(artifact)
    let count = bench.executor.performed.count
    #expect(try bench.run().failedCount == 0)
    #expect(bench.executor.performed[count...] == ["fine-tune", "evaluate"])
  }

  @Test func `is named where it is the note that was changed`() throws {
    let note = Path.join(artifact, "stage.json")
    let text = String(decoding: try ByteFile.contents(of: note), as: UTF8.self)
    let changed = text.replacing(#""loss": 0.5"#, with: #""loss": 0.4"#)
    #expect(changed != text)
    try AtomicFile.write(Array(changed.utf8), to: note)
    let error = #expect(throws: InputError.self) { try bench.schedule() }
    #expect(error?.file == note)
    try Path.remove(artifact)
    #expect(try bench.run().failedCount == 0)
  }

  @Test(arguments: ["", "\0\0\0", #"{"key": "0"#, nil])
  func `is made again where its note is missing or was cut off`(note: String?) throws {
    let path = Path.join(artifact, "stage.json")
    if let note {
      try AtomicFile.write(Array(note.utf8), to: path)
    } else {
      try Path.remove(path)
    }
    let count = bench.executor.performed.count
    #expect(try bench.run().failedCount == 0)
    #expect(bench.executor.performed[count...] == ["fine-tune", "evaluate"])
  }

  @Test func `is named with the place in its note where that is no JSON`() throws {
    try AtomicFile.write(Array("{]}".utf8), to: Path.join(artifact, "stage.json"))
    let error = #expect(throws: InputError.self) { try bench.schedule() }
    #expect(error?.file == Path.join(artifact, "stage.json") && error?.place != nil)
  }

  @Test func `is not one of a version that kept no hashes`() throws {
    let note = Path.join(artifact, "stage.json")
    var json = try #require(try JSONValue(contentsOf: note).object)
    #expect(json["files"]?.object?.members.map(\.key) == ["result"])
    json = JSONObject(
      json.members.filter { !["files", "seal"].contains($0.key) }.map { ($0.key, $0.value) })
    try AtomicFile.write(JSONValue.object(json).serialized(), to: note)
    #expect(try bench.run().failedCount == 0)
  }
}
