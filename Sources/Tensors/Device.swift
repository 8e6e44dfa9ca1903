/// A place where tensors live and operations run.
public enum Device: Hashable, Sendable, CustomStringConvertible {
  /// The host's processors.
  case cpu
  /// The NVIDIA GPU with this ordinal, as the driver counts after `CUDA_VISIBLE_DEVICES`.
  case cuda(ordinal: Int)

  /// The spelling of the command line: `cpu`, `cuda:0`.
  public var description: String {
    switch self {
    case .cpu: "cpu"
    case .cuda(let ordinal): "cuda:\(ordinal)"
    }
  }
}
