import Files
import FoundationEssentials
import TestSupport
import Testing

/// `scripts/gpu-check`, rehearsed from a package as it is carried to a machine with a GPU.
@Suite struct `The check of a GPU machine` {
  private let bench: Bench
  private let check: Program

  init() throws {
    bench = try Bench()
    check = Program(
      scratch: bench.scratch, path: Path.join(try Self.package.get(), "pure-gpu-check/gpu-check"))
  }

  /// The folder with the package, made once: it lies beside the program, where the next run replaces it.
  private static let package = Result {
    let bench = try Bench()
    try bench.scratch.write(try bench.bytes("test.tsv"), to: "dev.tsv")
    let maker = Program(
      scratch: bench.scratch, path: Path.join(packageRoot, "scripts/make-gpu-package"))
    let folder = Path.join(Path.parent(of: Program.pure), "gpu-package")
    for folder in ["amazon", "yelp", "sst2", "sst2-hiddenkiller", "sst2-bible"] {
      for name in ["train", "dev", "test"] {
        try bench.scratch.write(try bench.bytes("\(name).tsv"), to: "paper/\(folder)/\(name).tsv")
      }
    }
    let made = try maker.run(
      "--without-model", "--program", Program.pure, "--data", bench.scratch.path, "--texts",
      bench.scratch.file("paper"), "--out", folder)
    try #require(made.code == 0, "\(made.errors)")
    return folder
  }

  /// A rehearsal's time is always up.
  private static let paper =
    "paper: pass, its time was up: run the part again with the same --out to go on"

  /// Where `make environments` puts PyTorch.
  private static let python = Path.join(packageRoot, ".venv/bin/python")
  private static let hasPyTorch = Path.exists(Path.join(packageRoot, ".venv/.origin"))

  /// A rehearsal, and the words and numbers of its summary.
  private func rehearse(
    on device: String, _ options: [String] = [], environment: [String] = []
  ) throws -> (outcome: Program.Outcome, parts: [JSONValue]) {
    let outcome = try check.run(
      ["--rehearse", "--device", device, "--out", "results"] + options,
      environment: ["HOME=\(bench.scratch.path)", "PYTHON=\(Self.python)"] + environment)
    let summary = try result("summary.json")
    #expect(summary["device"]?.string == device)
    #expect(summary["rehearsal"]?.bool == true)
    #expect(summary["made"]?.string?.isEmpty == false)
    return (outcome, try #require(summary["parts"]?.array))
  }

  private func result(_ name: String) throws -> JSONValue {
    try JSONValue(parsing: try bench.bytes("results/" + name))
  }

  /// Each part's result, and why where there is a reason.
  private func results(_ parts: [JSONValue]) -> [String] {
    parts.map { part in
      let reason = part["reason"]?.string ?? ""
      return "\(part["part"]?.string ?? "?"): \(part["result"]?.string ?? "?")"
        + (reason.isEmpty ? "" : ", \(reason)")
    }
  }

  /// What the parts measured in a precision is there, and is a measurement.
  private func expectMeasurements(in precision: String) throws {
    let checks = try #require(try result("verify-\(precision).json").array)
    #expect(checks.count > 100 && checks.allSatisfy { $0["passed"]?.bool == true })
    for run in ["first", "second"] {
      #expect(try result("determinism-\(precision)-\(run).json").object != nil)
    }
    let times = try #require(try result("bench-\(precision).json").array)
    #expect(times.first?["operation"]?.string == "dropout")
    let rate = try result("bench-\(precision)-tiny.json")["tokensPerSecond"]?["median"]?.double
    #expect((rate ?? .nan) > 0)
    let cells = try bench.bytes("results/sweep-\(precision).json").split(separator: 0x0A)
      .map { try JSONValue(parsing: Array($0)) }
    #expect(cells.count == 2 && cells.allSatisfy { $0["status"]?.string == "finished" })
    #expect(Path.isFile(bench.scratch.file("results/sweep-\(precision).html")))
  }

  @Test func `passes on the CPU, which has no sanitizer`() throws {
    let noPyTorch =
      "skipped, \(Self.python) has no torch with transformers: name one that has with PYTHON"
    let (outcome, parts) = try rehearse(on: "cpu")
    #expect(outcome.code == 0, "\(outcome.output)")
    #expect(
      results(parts) == [
        "environment: pass", "verify: pass", "bench: pass",
        "pytorch: " + (Self.hasPyTorch ? "pass" : noPyTorch), "inference: pass",
        "variants: skipped, attention has variants on a GPU alone",
        "ceilings: " + (Self.hasPyTorch ? "pass" : noPyTorch), "sweep: pass", "scan: pass",
        "determinism: pass", "shared: pass", "profile: skipped, the CPU has no profiler of kernels",
        Self.paper,
        "sanitizer: skipped, the CPU has no compute-sanitizer",
      ])
    #expect(try result("environment.json")["version"]?.string?.isEmpty == false)
    try expectMeasurements(in: "default")
    if Self.hasPyTorch {
      let cases = try #require(try result("pytorch.json")["cases"]?.object)
      #expect(cases.count == 5 && (cases["MiniLM, texts"]?["ratio"]?.double ?? .nan) > 0)
      #expect(try result("pytorch.json")["leftOut"]?.array?.isEmpty == true)
      let ceilings = try result("ceilings-torch.json")["ceilings"]
      #expect((ceilings?["copyBytesPerSecond"]?.double ?? .nan) > 0)
      let inference = try result("inference-torch.json")["inference"]
      #expect((inference?["BERT-base, texts"]?["bf16"]?.double ?? .nan) > 0)
    }
    #expect(Path.isFile(bench.scratch.file("results/results.tar.gz")))
  }

  @Test func `passes on a GPU in every precision, and names the tool that finds something`() throws
  {
    try bench.write(
      """
      #!/bin/sh
      # In place of NVIDIA's: takes its options, and finds something as the tool that is named.
      while [ "${1#--}" != "$1" ]; do
        case $1 in
        --tool) tool=$2 ;;
        --error-exitcode) code=$2 ;;
        --log-file) echo "========= ERROR SUMMARY" >"$2" ;;
        *) exit 3 ;;
        esac
        shift 2
      done
      "$@" && [ "$tool" != "$FAULTY_TOOL" ] || exit "$code"
      """, to: "toolkit/bin/compute-sanitizer")
    try FileManager.default.setAttributes(
      [.posixPermissions: 0o755], ofItemAtPath: bench.scratch.file("toolkit/bin/compute-sanitizer"))
    let withoutGPU =
      "skipped, "
      + (Self.hasPyTorch
        ? "the torch of \(Self.python) uses no GPU"
        : "\(Self.python) has no torch with transformers: name one that has with PYTHON")
    let machine =
      try EmulatedGPU(bench).environment + ["CUDA_HOME=\(bench.scratch.file("toolkit"))"]
    let (outcome, parts) = try rehearse(on: "cuda:0", environment: machine)
    #expect(outcome.code == 0, "\(outcome.output)")
    #expect(
      results(parts) == [
        "environment: pass", "verify: pass", "bench: pass", "pytorch: \(withoutGPU)",
        "inference: pass", "variants: pass", "ceilings: \(withoutGPU)", "sweep: pass",
        "scan: pass", "determinism: pass", "shared: pass",
        "profile: skipped, nsys is not installed: it is part of the CUDA toolkit",
        Self.paper,
        "sanitizer: pass",
      ])
    for precision in ["fp32", "tf32", "bf16"] { try expectMeasurements(in: precision) }
    try expectChoices()
    #expect(try result("scan.json")["verdict"]?.string == "inconclusive", "eight texts are too few")
    let tools = ["memcheck", "racecheck", "initcheck", "synccheck"]
    let found = try #require(try result("sanitizer.json").object)
    #expect(tools.allSatisfy { found[$0]?.string == "silent" })

    let (faulty, again) = try rehearse(
      on: "cuda:0", ["--parts", "sanitizer,environment"],
      environment: machine + ["FAULTY_TOOL=racecheck"])
    #expect(faulty.code == 1)
    #expect(results(again).last == "environment: pass")
    #expect(results(again).first?.hasPrefix("sanitizer: fail, 1 of the four tools") == true)
    #expect(try result("sanitizer.json")["racecheck"]?.string == "fault")
    #expect(faulty.output.contains(/\nsanitizer +fail .*racecheck: fault/), "\(faulty.output)")
  }

  /// The fastest kernels of each length, which a script writes into the table of choices.
  private func expectChoices() throws {
    let rows = try #require(try result("variants.json")["rows"]?.array).compactMap(\.string)
    #expect(
      rows.count == 2 * 4
        && rows.allSatisfy { $0.contains(#/^(WHOLE|SPLIT)\(86, (tf32|bf16), 32, /#) })
    let table = "CKernels/ops/attention/attention_choices.h"
    let before = try ByteFile.contents(of: Path.join(packageRoot, table))
    try bench.scratch.write(before, to: "choices.h")
    let script = Program(
      scratch: bench.scratch, path: Path.join(packageRoot, "Benchmarks/compare/variants"))
    #expect(try script.run("--results", "results", "--update", "choices.h").code == 0)
    func lines(_ bytes: [UInt8], of architecture: String) -> [String] {
      String(decoding: bytes, as: UTF8.self).split(separator: "\n")
        .map { $0.split(separator: " ").filter { $0 != "\\" }.joined(separator: " ") }
        .filter { $0.contains("(\(architecture), ") }
    }
    let after = try bench.bytes("choices.h")
    for other in ["80", "89", "90", "120"] {
      #expect(lines(after, of: other) == lines(before, of: other))
    }
    let here = lines(after, of: "86")
    #expect(Set(rows).isSubset(of: here) && here.count == lines(before, of: "86").count)
  }

  @Test func `goes on with the paper's tables where it stopped, and brings no models home`() throws
  {
    func finished() throws -> Int {
      try bench.bytes("results/paper-records.jsonl").count { $0 == 0x0A }
    }
    var counts: [Int] = []
    for _ in 0..<2 {
      let (outcome, parts) = try rehearse(on: "cpu", ["--parts", "paper"])
      #expect(outcome.code == 0 && results(parts) == [Self.paper], "\(outcome.output)")
      counts.append(try finished())
      let runs = try #require(parts[0]["figures"]?["runs"]?.string)
      #expect(runs.hasSuffix(" cells") && runs.hasPrefix("\(counts.last ?? 0) of "), "\(runs)")
      #expect(try result("paper.json")["summary"]?.string?.contains("tokens") == true)
    }
    #expect(counts[0] > 0 && counts[1] > counts[0], "\(counts)")
    let listed = Program(scratch: bench.scratch, path: "/bin/tar")
    let names = try listed.run("-tzf", "results/results.tar.gz").output
    #expect(names.contains("paper-report.html") && names.contains("paper-tables.tex"))
    #expect(!names.contains("safetensors"))
    #expect(try bench.bytes("results/results.tar.gz").count < 10_000_000)
  }

  @Test func `goes on behind a part that fails, and refuses what it does not know`() throws {
    try bench.write("{}", to: "plan.json")
    let (outcome, parts) = try rehearse(
      on: "cpu", ["--parts", "sweep,environment", "--plan", "plan.json"])
    #expect(outcome.code == 1)
    #expect(outcome.output.contains(/\nsweep +fail .*sweep ended with [1-9]/), "\(outcome.output)")
    #expect(results(parts).last == "environment: pass")
    #expect(outcome.output.contains("1 of 2 parts failed"))
    let (late, left) = try rehearse(on: "cpu", ["--parts", "environment,verify", "--budget", "2"])
    #expect(late.code == 0)
    #expect(
      results(left)
        == ["environment", "verify"].map { "\($0): skipped, no time of --budget is left" })
    for wrong in [
      ["--parts", "bench,sleep"], ["--budget", "soon"], ["--device", "gpu"], ["--limit"],
      ["--fast"],
    ] {
      let refused = try check.run(wrong)
      #expect(refused.code == 2 && refused.errors.hasPrefix("gpu-check: "), "\(refused.errors)")
    }
  }
}
