/// A reader of what comes from outside, to be tried with anything.
///
/// Whatever it is given it reads, or refuses by an `InputError` that names a file and a remedy. It
/// never traps, hangs or takes more memory than an input deserves.
protocol FuzzTarget {
  /// Names it on the command line.
  static var name: String { get }
  /// - Parameter folder: its own, where it writes what readers of files read.
  init(in folder: String) throws
  /// Inputs that are right, to begin with.
  func seeds() throws -> [[UInt8]]
  /// Reads an input, and makes sure by `claim` of what has to be true of whatever was read.
  func read(_ bytes: [UInt8]) throws
}

/// All readers of Pure.
var fuzzTargets: [any FuzzTarget.Type] {
  [
    JSONTarget.self, SafetensorsTarget.self, ConfigurationTarget.self, ModelDirectoryTarget.self,
    TokenizerTarget.self, DatasetTarget.self, PlanTarget.self, RecordTarget.self,
    StageNoteTarget.self, HeadScoreTarget.self, WorkerMessageTarget.self, TrainingStateTarget.self,
  ]
}

/// Ends the process where something is not as it has to be; libFuzzer keeps the input then.
func claim(_ isTrue: Bool, _ sentence: @autoclosure () -> String) {
  if !isTrue { fatalError(sentence()) }
}
