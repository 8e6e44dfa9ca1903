// The requirements are documented where they are declared, in Backend.swift.
// swift-format-ignore-file: AllPublicDeclarationsHaveDocumentation
public import CKernels
import Synchronization

/// Runs every operation on the host, by the C halves in `CKernels/ops`. Work is done when a call returns.
public final class CPUBackend: Backend {
  /// The fp32 backend of this process: the thread pool below it is one.
  public static let shared = CPUBackend()

  /// Always `.cpu`.
  public let device = Device.cpu
  public let precision: Precision
  /// Products round what they read as they pack it.
  public let keepsFactors = false
  private let state: State

  /// A backend that has no more memory than this, so that a test can run out of it.
  ///
  /// - Parameter memoryLimit: bytes.
  package convenience init(memoryLimit: Int = .max) {
    self.init(.fp32, State(memoryLimit: memoryLimit))
  }

  /// A backend with memory of its own, whose linear layers round their factors to this precision;
  /// attention, which is a small part of the work, multiplies floats in any.
  ///
  /// - Throws: `DeviceError.precision` where the processor has no instructions for it.
  public convenience init(precision: Precision) throws(DeviceError) {
    guard Host.precisions.contains(precision) else {
      throw .precision(
        precision, device: .cpu,
        reason: precision == .bf16
          ? "its instructions, \(Host.instructionSet), are without AVX512_BF16"
          : "it has fp32 and, with AVX512_BF16, bf16")
    }
    self.init(precision, State(memoryLimit: .max))
  }

  private init(_ precision: Precision, _ state: State) {
    (self.precision, self.state) = (precision, state)
  }

  public var fullPrecision: any Backend {
    precision == .fp32 ? self : CPUBackend(.fp32, state)
  }

  /// As many: no number costs it anything.
  public func rowCount(holding tokenCount: Int) -> Int { tokenCount }

  /// A processor has no queue whose work could be recorded.
  public func record(_ state: StepState, _ body: () throws(DeviceError) -> Void) -> (any Recording)?
  { nil }

  @unsafe public func allocate(byteCount: Int) throws(DeviceError) -> UnsafeMutableRawPointer {
    guard let address = state.memory.withLock({ unsafe $0.take(byteCount: byteCount) }) else {
      throw .outOfMemory(device: .cpu, byteCount: byteCount)
    }
    return unsafe address.value
  }

  @unsafe public func release(_ address: UnsafeMutableRawPointer, byteCount: Int) {
    let address = unsafe SendableAddress(address)
    state.memory.withLock { $0.giveBack(address, byteCount: byteCount) }
  }

  @unsafe public func upload(
    _ source: UnsafeRawBufferPointer, to destination: UnsafeMutableRawPointer
  ) throws(DeviceError) {
    if let base = source.baseAddress {
      unsafe destination.copyMemory(from: base, byteCount: source.count)
    }
  }

  @unsafe public func download(
    _ source: UnsafeMutableRawPointer, to destination: UnsafeMutableRawBufferPointer
  ) throws(DeviceError) {
    if let base = destination.baseAddress {
      unsafe base.copyMemory(from: source, byteCount: destination.count)
    }
  }

  public func synchronize() throws(DeviceError) {}

  public func takeTimings() -> OperationTimings {
    state.timings.withLock { timings in
      defer { timings = OperationTimings() }
      return timings
    }
  }
}

extension CPUBackend {
  public func fill(_ arguments: CKFill) throws(DeviceError) {
    unsafe run(ck_fill, arguments, as: .elementwise)
  }

  public func copy(_ arguments: CKCopy) throws(DeviceError) {
    unsafe run(ck_copy, arguments, as: .elementwise)
  }

  public func add(_ arguments: CKAdd) throws(DeviceError) {
    unsafe run(ck_add, arguments, as: .elementwise)
  }

  public func linearForward(_ arguments: CKLinearForward) throws(DeviceError) {
    unsafe run(ck_linearForward, arguments, as: .products)
  }

  public func linearBackward(_ arguments: CKLinearBackward) throws(DeviceError) {
    unsafe run(ck_linearBackward, arguments, as: .products)
  }

  public func activationBackward(_ arguments: CKActivationBackward) throws(DeviceError) {
    unsafe run(ck_activationBackward, arguments, as: .elementwise)
  }

  public func attentionForward(_ arguments: CKAttentionForward) throws(DeviceError) {
    unsafe run(ck_attentionForward, arguments, as: .attention)
  }

  public func attentionBackward(_ arguments: CKAttentionBackward) throws(DeviceError) {
    unsafe run(ck_attentionBackward, arguments, as: .attention)
  }

  public func headLinearForward(_ arguments: CKHeadLinear) throws(DeviceError) {
    unsafe run(ck_headLinearForward, arguments, as: .products)
  }

  public func headLinearInput(_ arguments: CKHeadLinear) throws(DeviceError) {
    unsafe run(ck_headLinearInput, arguments, as: .products)
  }

  public func headLinearWeight(_ arguments: CKHeadLinear) throws(DeviceError) {
    unsafe run(ck_headLinearWeight, arguments, as: .products)
  }

  public func firstTokenForward(_ arguments: CKFirstTokenForward) throws(DeviceError) {
    unsafe run(ck_firstTokenForward, arguments, as: .attention)
  }

  public func firstTokenBackward(_ arguments: CKFirstTokenBackward) throws(DeviceError) {
    unsafe run(ck_firstTokenBackward, arguments, as: .attention)
  }

  public func attentionNorm(_ arguments: CKAttentionNorm) throws(DeviceError) {
    unsafe run(ck_attentionNorm, arguments, as: .attention)
  }

  public func layerNormForward(_ arguments: CKLayerNormForward) throws(DeviceError) {
    unsafe run(ck_layerNormForward, arguments, as: .elementwise)
  }

  public func layerNormBackward(_ arguments: CKLayerNormBackward) throws(DeviceError) {
    unsafe run(ck_layerNormBackward, arguments, as: .elementwise)
  }

  public func embeddingForward(_ arguments: CKEmbeddingForward) throws(DeviceError) {
    unsafe run(ck_embeddingForward, arguments, as: .elementwise)
  }

  public func embeddingBackward(_ arguments: CKEmbeddingBackward) throws(DeviceError) {
    unsafe run(ck_embeddingBackward, arguments, as: .elementwise)
  }

  public func gatherFirstRows(_ arguments: CKFirstRows) throws(DeviceError) {
    unsafe run(ck_gatherFirstRows, arguments, as: .elementwise)
  }

  public func addToFirstRows(_ arguments: CKFirstRows) throws(DeviceError) {
    unsafe run(ck_addToFirstRows, arguments, as: .elementwise)
  }

  public func dropoutInPlace(_ arguments: CKDropoutInPlace) throws(DeviceError) {
    unsafe run(ck_dropoutInPlace, arguments, as: .elementwise)
  }

  public func crossEntropy(_ arguments: CKCrossEntropy) throws(DeviceError) {
    unsafe run(ck_crossEntropy, arguments, as: .elementwise)
  }

  public func outputEntropy(_ arguments: CKOutputEntropy) throws(DeviceError) {
    unsafe run(ck_outputEntropy, arguments, as: .elementwise)
  }

  public func innerProduct(_ arguments: CKInnerProduct) throws(DeviceError) {
    unsafe run(ck_innerProduct, arguments, as: .optimizer)
  }

  public func globalNorm(_ arguments: CKGlobalNorm) throws(DeviceError) {
    unsafe run(ck_globalNorm, arguments, as: .optimizer)
  }

  public func adamW(_ arguments: CKAdamW) throws(DeviceError) {
    unsafe run(ck_adamW, arguments, as: .optimizer)
  }

  public func adamWRows(_ arguments: CKAdamWRows) throws(DeviceError) {
    unsafe run(ck_adamWRows, arguments, as: .optimizer)
  }

  private func run<Arguments>(
    _ kernel: (UnsafePointer<Arguments>) -> Void, _ arguments: Arguments, as kind: OperationKind
  ) {
    let start = ContinuousClock.now
    unsafe withUnsafePointer(to: arguments) { unsafe kernel($0) }
    let elapsed = ContinuousClock.now - start
    state.timings.withLock { $0[kind] += elapsed }
  }
}

/// What backends of several precisions have in common.
private final class State: Sendable {
  let memory: Mutex<MemoryPool>
  let timings = Mutex(OperationTimings())

  init(memoryLimit: Int) { memory = Mutex(MemoryPool(limit: memoryLimit)) }
}
