/// The element types in which weights can be stored.
public enum WeightType: String, Sendable, CaseIterable {
  /// 32 bits: written and read without change.
  case float32 = "f32"
  /// 16 bits, 5 of them exponent: nothing beyond 65504.
  case float16 = "f16"
  /// 16 bits, 8 of them exponent.
  case bfloat16 = "bf16"

  /// The name in a safetensors header.
  var headerName: String { rawValue.uppercased() }

  /// The name in `config.json`.
  var torchName: String {
    switch self {
    case .float32: "float32"
    case .float16: "float16"
    case .bfloat16: "bfloat16"
    }
  }

  var byteCount: Int { self == .float32 ? 4 : 2 }
}

/// Sizes in bits of all element types of the safetensors format, the unloadable ones included.
enum ElementType {
  static let bitCounts: [String: Int] = [
    "F4": 4, "F6_E2M3": 6, "F6_E3M2": 6, "BOOL": 8, "U8": 8, "I8": 8, "F8_E5M2": 8, "F8_E4M3": 8,
    "F8_E8M0": 8, "F8_E5M2FNUZ": 8, "F8_E4M3FNUZ": 8, "I16": 16, "U16": 16, "F16": 16, "BF16": 16,
    "I32": 32, "U32": 32, "F32": 32, "I64": 64, "U64": 64, "F64": 64, "C64": 64,
  ]
}
