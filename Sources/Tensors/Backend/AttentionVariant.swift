internal import CKernels

/// One of attention's kernels for tensor cores (`attention_variants.h`).
public struct AttentionVariant: Sendable, Hashable {
  /// Which pass.
  public enum Pass: String, CaseIterable, Sendable {
    /// From queries, keys and values to contexts.
    case forward
    /// The gradient of the queries; the gradients of keys and values are a second kernel's.
    case query
    /// The gradients of keys and values, behind `query`.
    case key
    /// All gradients, of texts of at most `rows` tokens.
    case whole
  }

  /// Which pass it is.
  public let pass: Pass
  /// Its factors: tf32 or bf16.
  public let precision: Precision
  /// Features of the largest head: 32, 64 or 128.
  public let features: Int
  /// Rows of one head that a block works on.
  public let rows: Int
  /// Rows of the other side that it has in shared memory at a time.
  public let keys: Int
  /// 2: the next of those are fetched meanwhile.
  public let stages: Int
  /// Bytes of shared memory of a block.
  public let sharedBytes: Int
  let name: KernelName
  let threads: Int

  /// Heads come in three sizes: the smallest that holds `headSize`, which is at most 128.
  public static func features(holding headSize: Int) -> Int {
    headSize <= 32 ? 32 : headSize <= 64 ? 64 : 128
  }

  /// What the program carries.
  public static let all: [AttentionVariant] = {
    var all: [AttentionVariant] = []
    while let variant = unsafe ck_attentionVariantAt(Int32(all.count)) {
      unsafe all.append(AttentionVariant(variant))
    }
    return all
  }()

  /// What is launched for texts of up to `longest` tokens (`attention_choices.h`): `forward`, and
  /// `whole` or `query` and `key`.
  ///
  /// - Parameters:
  ///   - architecture: 10 · major + minor of the compute capability, from 80 on. One that the table
  ///     has not takes the next older one's.
  ///   - features: of a head: 32, 64 or 128.
  public static func chosen(
    architecture: Int, precision: Precision, features: Int, longest: Int
  ) -> [AttentionVariant] {
    let choice = unsafe ck_attentionChoice(
      Int32(architecture), precision.factors, Int32(features), Int32(longest)
    ).pointee
    let names = unsafe [choice.forward, choice.whole, choice.query, choice.key]
    return unsafe names.compactMap { name in
      guard let name = unsafe name else { return nil }
      guard let variant = unsafe ck_attentionVariant(name).map({ unsafe AttentionVariant($0) }),
        variant.precision == precision, variant.features == features,
        variant.pass != .whole || longest <= variant.rows
      else {
        preconditionFailure(
          "\(unsafe String(cString: name)) is no kernel for \(features) features in \(precision) "
            + "and texts of \(longest) tokens: correct attention_choices.h")
      }
      return variant
    }
  }

  /// Those that the table has rows for.
  public static var architectures: Set<Int> {
    var all: Set<Int> = []
    var index: Int32 = 0
    while let choice = unsafe ck_attentionChoiceAt(index) {
      unsafe all.insert(Int(choice.pointee.architecture))
      index += 1
    }
    return all
  }

  private init(_ variant: UnsafePointer<CKAttentionVariant>) {
    let value = unsafe variant.pointee
    precision = unsafe value.factors == .bFloat16 ? .bf16 : .tf32
    pass =
      switch unsafe value.pass {
      case .forward: .forward
      case .query: .query
      case .key: .key
      case .whole: .whole
      }
    (features, rows, keys, stages) = unsafe (
      Int(value.features), Int(value.rows), Int(value.keys), Int(value.stages)
    )
    sharedBytes = unsafe Int(ck_attentionSharedBytes(variant))
    threads = unsafe Int(ck_attentionThreads(variant))
    name = unsafe KernelName(value.kernel)
  }

  /// As in the names of kernels: "128x64x2".
  public var shape: String { "\(rows)x\(keys)x\(stages)" }
}
