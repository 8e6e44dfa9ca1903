import Files
import Testing

/// System calls that go wrong, wherever they do, cost no result.
///
/// `make faults` tries every one of them, other runs of these tests some.
@Suite struct `A call that fails` {
  private typealias Results = [String: [String: String]]

  @Test(arguments: FaultedCommand.Line.all)
  func `ends a command with a sentence, and the next run has the same bits`(
    line: FaultedCommand.Line
  ) throws {
    let (whole, counts) = try undisturbed(line)
    for fault in FaultBudget.selected(Fault.all(counts)) {
      try expectNothingLost(line, fault, whole) { outcome in
        outcome.code == 0
          || !fault.isHarmless && outcome.code < 128
            && outcome.errors.split(separator: "\n").contains(where: isSentence)
      }
    }
  }

  @Test(arguments: FaultedCommand.Line.all)
  func `for ever, as a process is killed, leaves what can be gone on from`(
    line: FaultedCommand.Line
  ) throws {
    let (whole, counts) = try undisturbed(line)
    for fault in FaultBudget.selected(Fault.kills(counts)) {
      // A sweep survives its workers.
      try expectNothingLost(line, fault, whole) { [0, 137].contains($0.code) }
    }
  }

  @Test(arguments: [
    ("stat", "vocab.txt"), ("stat", "special_tokens_map.json"), ("lstat", "config.json"),
    ("open", "config.json"), ("readdir", ""),
  ])
  func `is never taken for a file that is missing`(call: String, file: String) throws {
    let line = FaultedCommand.Line.all[0]
    let (whole, _) = try undisturbed(line)
    let command = try FaultedCommand(line)
    let outcome = try command.run(
      Fault(call, .failure, isLasting: true), in: Path.join("place/model", file))
    // What cannot be looked at may still be read.
    #expect(
      outcome.code == 0 ? try command.results() == whole : outcome.errors.contains("rror; "),
      "\(outcome.errors)")
  }

  private func isSentence(_ text: Substring) -> Bool {
    text.hasPrefix("pure: ") || text.contains(" failed: ")
  }

  /// What a run leaves that meets no fault, and how often it calls what.
  private func undisturbed(
    _ line: FaultedCommand.Line
  ) throws -> (results: Results, counts: [String: Int]) {
    let command = try FaultedCommand(line)
    let outcome = try command.run()
    try #require(outcome.code == 0, "\(outcome.errors)")
    let results = try command.results()
    try #require(!results.isEmpty && results.values.allSatisfy { !$0.isEmpty })
    let counts = try command.counts()
    try #require(
      ["open", "pread", "write", "fsync", "rename"].allSatisfy { counts[$0, default: 0] > 0 })
    return (results, counts)
  }

  private func expectNothingLost(
    _ line: FaultedCommand.Line, _ fault: Fault, _ whole: Results,
    answers: (Program.Outcome) -> Bool
  ) throws {
    let command = try FaultedCommand(line)
    let outcome = try command.run(fault)
    let said = "\(line), \(fault): \(outcome.code) \(outcome.errors)"
    #expect(answers(outcome), "\(said)")
    let results = try command.results()
    for (name, content) in results where !line.grows(name) {
      #expect(content == whole[name], "\(name) is another one after \(said)")
    }
    if outcome.code == 0 {
      #expect(results == whole, "\(said)")
    } else {
      // Where all was done already, that is said.
      let isDone = results == whole
      let again = try command.run()
      let more = "\(said)\nand then \(again.code) \(again.errors)"
      #expect(again.code == 0 || isDone && again.code == 2, "\(more)")
      #expect(try command.results() == whole, "\(more)")
      #expect(try command.leftovers() == [], "\(more)")
    }
  }
}
