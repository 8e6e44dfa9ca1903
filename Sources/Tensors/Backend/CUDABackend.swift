// The requirements are documented where they are declared, in Backend.swift.
// swift-format-ignore-file: AllPublicDeclarationsHaveDocumentation
public import CKernels
import Synchronization

/// Runs every operation on one NVIDIA GPU, by the kernels in `CKernels/ops` and cuBLASLt. Work is queued on one
/// stream: an operation returns before it has run, and only reading results waits.
public final class CUDABackend: Backend {
  public let device: Device
  public let precision: Precision
  public let keepsFactors: Bool
  let context: CUDAContext
  private let memory = Mutex(DeviceMemory())
  /// Whose memory and queue this one shares; nil: it has its own.
  let owner: CUDABackend?
  /// Attention's kernels in the place of those that the GPU is known to be fastest with.
  let trial: [AttentionVariant]
  /// Those that were launched: to choose takes as long as a launch.
  let chosenKernels = Mutex<[AttentionKernels.Key: AttentionKernels]>([:])

  /// Opens GPU number `ordinal` and compiles its kernels, or finds them compiled.
  ///
  /// - Throws: `DeviceError.unavailable` where a library or the GPU is missing or does not fit, with every place that was
  ///   tried; `.absent` where there is neither driver nor GPU; `.occupied` where the GPU's memory is taken;
  ///   `.precision` where the GPU's tensor cores do not have it; `.compilation` where the kernels do not compile.
  public convenience init(ordinal: Int, precision: Precision = .fp32) throws(DeviceError) {
    unsafe try self.init(platform: ck_cudaPlatform(), ordinal: ordinal, precision: precision)
  }

  /// Opens a GPU behind the given libraries, which must outlive the backend.
  ///
  /// - Parameter keepsFactors: in bf16, not to round for each product again what none has changed.
  @unsafe public init(
    platform: UnsafePointer<CKCUDAPlatform>, ordinal: Int, precision: Precision = .fp32,
    keepsFactors: Bool = true
  ) throws(DeviceError) {
    let device = Device.cuda(ordinal: ordinal)
    unsafe context = try CUDAContext(
      platform: platform, device: device, ordinal: ordinal, factors: precision.factors)
    guard precision == .fp32 || context.hasTensorCores else {
      throw .precision(
        precision, device: device,
        reason: "\(context.description) has no tensor cores for it, which begin with compute "
          + "capability 8.0")
    }
    self.device = device
    self.precision = precision
    self.keepsFactors = keepsFactors && precision == .bf16
    (owner, trial) = (nil, [])
  }

  private init(
    sharing other: CUDABackend, precision: Precision, keepsFactors: Bool, trial: [AttentionVariant]
  ) {
    (device, context, owner) = (other.device, other.context, other.owner ?? other)
    (self.precision, self.keepsFactors, self.trial) = (precision, keepsFactors, trial)
  }

  public var fullPrecision: any Backend {
    precision == .fp32
      ? self : CUDABackend(sharing: self, precision: .fp32, keepsFactors: false, trial: [])
  }

  /// The same GPU, which launches these of attention's kernels wherever they fit, to be timed and
  /// compared; one that needs more shared memory than a block has fails when it is launched.
  ///
  /// - Precondition: `query` and `key` come together.
  /// - Throws: what compiling throws.
  public func trying(_ variants: [AttentionVariant]) throws(DeviceError) -> CUDABackend {
    try context.prepare(variants.map(\.name))
    return CUDABackend(
      sharing: self, precision: precision, keepsFactors: keepsFactors, trial: variants)
  }

  /// 10 · major + minor of the compute capability: 86 is an RTX 3090.
  public var architecture: Int { context.architecture }
  /// Bytes of shared memory that a block may have.
  public var sharedMemoryLimit: Int { context.sharedLimit }

  /// Name and compute capability, as in "NVIDIA GeForce RTX 3090 (8.6)".
  public var hardware: String { context.description }
  /// The kernels were in the cache of compiled modules.
  public var foundCompiledKernels: Bool { context.foundKernels }
  /// What is wrong with that cache and what to do about it: the device works, and starts more slowly. Nil when nothing is.
  public var note: String? { context.note }

  /// An eighth of a power of two apart, so less than an eighth more: for each number of rows
  /// cuBLASLt chooses its algorithms anew, which takes longer than the step.
  public func rowCount(holding tokenCount: Int) -> Int {
    guard tokenCount > 8 else { return tokenCount }
    let step = 1 << (Int.bitWidth - (tokenCount - 1).leadingZeroBitCount - 4)
    return CUDAGrid.pieces(tokenCount, step) * step
  }

  @unsafe public func allocate(byteCount: Int) throws(DeviceError) -> UnsafeMutableRawPointer {
    if let owner { return unsafe try owner.allocate(byteCount: byteCount) }
    let size = DeviceMemoryPool.sizeClass(byteCount)
    if let address = memory.withLock({ $0.take(size) }) { return unsafe address.value }
    var failure = DeviceError.outOfMemory(device: device, byteCount: byteCount)
    // What free blocks of other sizes hold may be enough.
    for isLast in [false, true] {
      do throws(DeviceError) {
        let address = unsafe try context.allocate(byteCount: size)
        let block = unsafe SendableAddress(address)
        memory.withLock { $0.add(block) }
        return unsafe address
      } catch {
        if case .outOfMemory = error {} else { failure = error }
        // Nothing is given back while work is recorded.
        if recordedStateAddress != nil || isLast { throw failure }
        try trimMemory()
      }
    }
    throw failure
  }

  /// Begins to record work on a step's state; the generation of what is recorded.
  @unsafe func beginRecording(_ state: UnsafeMutablePointer<Int32>) -> Int {
    let address = unsafe SendableAddress(UnsafeMutableRawPointer(state))
    return memory.withLock {
      $0.recordedState = address
      return $0.generation
    }
  }

  func endRecording() { memory.withLock { $0.recordedState = nil } }

  var recordedStateAddress: SendableAddress? { memory.withLock { $0.recordedState } }
  /// Goes up when recordings lose their memory.
  var recordingGeneration: Int { memory.withLock { $0.generation } }

  @unsafe public func release(_ address: UnsafeMutableRawPointer, byteCount: Int) {
    if let owner { return unsafe owner.release(address, byteCount: byteCount) }
    // Work that is queued runs before whatever the block is used for next: there is one stream.
    let address = unsafe SendableAddress(address)
    memory.withLock { $0.giveBack(address, DeviceMemoryPool.sizeClass(byteCount)) }
  }

  @unsafe public func upload(
    _ source: UnsafeRawBufferPointer, to destination: UnsafeMutableRawPointer
  ) throws(DeviceError) {
    unsafe try context.upload(source, to: destination)
  }

  @unsafe public func download(
    _ source: UnsafeMutableRawPointer, to destination: UnsafeMutableRawBufferPointer
  ) throws(DeviceError) {
    unsafe try context.download(source, to: destination)
  }

  public func synchronize() throws(DeviceError) {
    try context.synchronize()
  }

  /// Device time, between events where the kind of work changes; waits for queued work. Copies count with what came
  /// before them. Zero after a failure, which the next operation reports.
  public func takeTimings() -> OperationTimings {
    (try? context.takeTimings()) ?? OperationTimings()
  }

  /// Gives free blocks back to the driver, those of recordings too; waits for queued work.
  public func trimMemory() throws(DeviceError) {
    for address in memory.withLock({ $0.empty() }) { unsafe try context.free(address.value) }
  }

  deinit {
    for address in memory.withLock({ $0.empty() }) { unsafe try? context.free(address.value) }
  }
}
