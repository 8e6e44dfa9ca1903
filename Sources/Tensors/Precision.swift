internal import CKernels

/// How matrix products, and on a GPU attention, round their factors. Tensors are fp32 in every precision, and so are
/// sums, the softmax, parameters, moments and the loss: a precision is how two of these numbers are multiplied.
public enum Precision: String, Sendable, CaseIterable, CustomStringConvertible {
  /// Factors as they are.
  case fp32
  /// Factors rounded to 10 bits of mantissa, for a GPU's tensor cores.
  case tf32
  /// Factors rounded to 7 bits of mantissa, for tensor cores, or for a processor's AVX512_BF16.
  case bf16

  /// Largest relative error of one factor: half a unit of its last place.
  public var unitRoundoff: Double {
    switch self {
    case .fp32: 0x1p-24
    case .tf32: 0x1p-11
    case .bf16: 0x1p-8
    }
  }

  /// The spelling of the command line.
  public var description: String { rawValue }

  /// What products multiply.
  var factors: CKFactorType {
    switch self {
    case .fp32: .float
    case .tf32: .TF32
    case .bf16: .bFloat16
    }
  }
}
