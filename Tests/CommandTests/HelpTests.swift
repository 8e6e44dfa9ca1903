import CommandLineArguments
import Attacks
import Defenses
import Files
import Scans
import Settings
import TestSupport
import Testing
import Training

@testable import pure

@Suite struct `The command's help` {
  private let bench: Bench

  init() throws { bench = try Bench() }

  @Test(arguments: Pure.program.commands.map(\.name))
  func `names every option of a command and needs nothing`(name: String) throws {
    let command = try #require(Pure.program.commands.first { $0.name == name })
    for arguments in [[name, "--help"], ["help", name], [name, "-h"]] {
      let outcome = try bench.program.run(arguments)
      #expect(outcome.code == 0)
      #expect(outcome.errors.isEmpty)
      for option in command.options { #expect(outcome.output.contains("--\(option.name)")) }
    }
    #expect(try bench.program.run(name, "--nonsense").code == 2)
    #expect(try bench.scratch.names().allSatisfy { !$0.contains("model") })
  }

  @Test func `is printed without any command too, and refused for one that is not there`() throws {
    let outcome = try bench.program.run("--help")
    #expect(outcome.code == 0)
    for command in Pure.program.commands { #expect(outcome.output.contains(command.summary)) }
    #expect(try bench.program.run("help", "nonsense").code == 2)
    #expect(try bench.program.run("defned").errors.contains("did you mean defend?"))
  }

  @Test func `says what each method may see`() throws {
    func words(_ command: String) throws -> String {
      try bench.program.run(command, "--help").output.split(whereSeparator: \.isWhitespace)
        .joined(separator: " ")
    }
    let defend = try words("defend")
    #expect(
      defend.contains(
        "May see: clean texts (ft, fth, prune-only, norm-only, pure, meft); clean texts and a clean "
          + "model (fine-mixing). Clean texts: labelled texts of the task"))
    #expect(defend.contains("A clean model: one of the suspect's shape"))
    #expect(
      try words("attack").contains(
        "clean texts, a clean model, the trigger and paraphrases (hiddenkiller, stylebkd)."))
  }

  /// Reading an option that no table declares traps, and declaring one that nothing reads misleads.
  @Test func `declares the options that are read, and no other`() throws {
    let readers = [
      ".text(\"", ".optionalText(\"", ".integer(\"", ".optionalInteger(\"", ".number(\"",
      ".optionalNumber(\"", ".list(\"", ".isSet(\"",
    ]
    var read: Set<String> = []
    for folder in ["Sources/pure/Commands", "Sources/pure/Support"] {
      let path = Path.join(packageRoot, folder)
      for file in try Path.names(in: path) {
        let source = String(
          decoding: try ByteFile.contents(of: Path.join(path, file)), as: UTF8.self)
        for reader in readers.map({ "arguments" + $0 }) {
          for piece in source.ranges(of: reader).map({ source[$0.upperBound...] }) {
            read.insert(String(piece.prefix { $0 != "\"" }))
          }
        }
      }
    }
    // Settings are read as they are declared.
    let settings =
      KnownAttacks.all.flatMap(\.descriptions) + KnownDefenses.all.flatMap(\.descriptions)
      + TrainingSettings().descriptions + TokenSearch().descriptions
      + SoftTriggerSearch().descriptions
    read.formUnion(settings.compactMap(\.option))
    #expect(read == Set(Pure.program.commands.flatMap { $0.options.map(\.name) }))
  }
}
