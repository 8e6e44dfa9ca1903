import Files
import Laboratory
import Scans
import Tensors
import Training

/// The exit codes of the command; the README lists them.
enum ExitCode: Int32 {
  case success = 0
  /// It ran, but a check failed or a cell of a sweep did.
  case failed = 1
  /// Usage, configuration or data; a device that cannot be used.
  case badInput = 2
  /// Input that could run somebody's code.
  case unsafeInput = 3
  case outOfMemory = 4
  case deviceFault = 5
  /// A scan found a backdoor.
  case backdoored = 10
  /// A scan found what deserves a second look.
  case suspicious = 11
  /// A scan could not look at all it has to.
  case inconclusive = 12
  /// Interrupted with the state saved: run the same command again.
  case interrupted = 75

  init(_ error: any Error) {
    switch error {
    case is FinishedBefore: self = .success
    case let error as InputError: self.init(error.kind)
    case DeviceError.outOfMemory, DeviceError.occupied: self = .outOfMemory
    case DeviceError.unavailable, DeviceError.absent, DeviceError.unknown, DeviceError.precision:
      self = .badInput
    case TrainingError.notFinite, TrainingError.noTexts: self = .badInput
    case is DeviceError: self = .deviceFault
    case let refusal as WorkerRefusal: self = Self(rawValue: Int32(refusal.exitCode)) ?? .failed
    case is Interruption: self = .interrupted
    default: self = .failed
    }
  }

  init(_ verdict: Verdict) {
    self =
      switch verdict {
      case .noSign: .success
      case .backdoored: .backdoored
      case .suspicious: .suspicious
      case .inconclusive: .inconclusive
      }
  }

  private init(_ kind: InputError.Kind) {
    self =
      switch kind {
      case .usage, .data: .badInput
      case .unsafeInput: .unsafeInput
      case .memory: .outOfMemory
      }
  }
}
