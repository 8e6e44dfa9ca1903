internal import CKernels
import Synchronization

/// The name of a kernel, for as long as the program runs. Equal are those at one address: names of
/// one table.
@safe struct KernelName: ExpressibleByStringLiteral, Hashable, @unchecked Sendable {
  let address: UnsafePointer<CChar>

  init(stringLiteral name: StaticString) {
    unsafe address = UnsafeRawPointer(name.utf8Start).assumingMemoryBound(to: CChar.self)
  }

  /// A name in a table of the program's.
  @unsafe init(_ address: UnsafePointer<CChar>) { unsafe self.address = address }

  static func == (first: KernelName, second: KernelName) -> Bool {
    unsafe first.address == second.address
  }

  func hash(into hasher: inout Hasher) { unsafe hasher.combine(address) }
}

/// How one launch cuts its work.
struct CUDAGrid {
  var x: Int
  var y = 1
  var z = 1
  var threads: Int
  var sharedBytes = 0

  /// Enough blocks for `count` elements, of which a thread takes several when there are very many.
  static func elements(_ count: Int64) -> CUDAGrid {
    let threads = ckElementThreads
    return CUDAGrid(x: min(65_536, pieces(Int(count), threads)), threads: threads)
  }

  /// A block a row, with a thread for every four columns.
  static func rows(_ count: Int32, columns: Int32) -> CUDAGrid {
    let warps = pieces(pieces(Int(columns), 4), ckWarpSize)
    return CUDAGrid(x: Int(count), threads: min(8, max(1, warps)) * ckWarpSize)
  }

  /// Texts, and pieces of the longest one's length that cover the rows behind them.
  static func units(_ texts: Int32, longest: Int32, inertRows: Int32) -> Int {
    Int(texts) + pieces(Int(inertRows), max(1, Int(longest)))
  }

  /// Pieces of `size` that cover `count`.
  static func pieces(_ count: Int, _ size: Int) -> Int { (count + size - 1) / size }
}

/// A GPU behind calls that throw (`cuda_context.h`).
@safe final class CUDAContext: @unchecked Sendable {
  private let context: OpaquePointer
  private let device: Device
  /// The first fault: no later call says more than it.
  private let fault = Mutex<DeviceError?>(nil)

  @unsafe init(
    platform: UnsafePointer<CKCUDAPlatform>, device: Device, ordinal: Int, factors: CKFactorType
  ) throws(DeviceError) {
    self.device = device
    guard let ordinal = Int32(exactly: ordinal),
      let opened = unsafe ck_cudaOpen(platform, ordinal, factors)
    else { throw Self.failure(of: device, byteCount: 0) }
    unsafe context = opened
  }

  deinit { unsafe ck_cudaClose(context) }

  /// Name and compute capability, as in "NVIDIA GeForce RTX 3090 (8.6)".
  var description: String {
    let description = unsafe ck_cudaDescription(context)
    return unsafe "\(String(cString: description.name)) (\(description.major).\(description.minor))"
  }

  /// Zeros between kernels, for blocks that join their sums.
  var arrivalCounters: UnsafeMutablePointer<UInt32> { unsafe ck_cudaArrivalCounters(context) }

  /// 10 · major + minor of its compute capability.
  var architecture: Int {
    let description = unsafe ck_cudaDescription(context)
    return unsafe Int(10 * description.major + description.minor)
  }

  /// Bytes of shared memory that a block may have.
  var sharedLimit: Int { unsafe Int(ck_cudaDescription(context).sharedLimit) }

  /// Compiles what is not compiled yet of these kernels, at once.
  func prepare(_ kernels: [KernelName]) throws(DeviceError) {
    let names: [UnsafePointer<CChar>] = unsafe kernels.map { unsafe $0.address }
    let succeeded = unsafe names.withUnsafeBufferPointer { names in
      guard let base = names.baseAddress else { return true }
      return unsafe ck_cudaPrepare(context, base, Int32(names.count))
    }
    try check(succeeded)
  }

  /// Its tensor cores multiply tf32 and bf16.
  var hasTensorCores: Bool { unsafe ck_cudaDescription(context).major >= 8 }

  /// The kernels were found compiled when the context was opened.
  var foundKernels: Bool { unsafe ck_cudaDescription(context).wasCached }

  /// What is wrong with the cache of compiled kernels; nil when nothing is.
  var note: String? {
    let note = unsafe String(cString: ck_cudaDescription(context).note)
    return note.isEmpty ? nil : note
  }

  @unsafe func allocate(byteCount: Int) throws(DeviceError) -> UnsafeMutableRawPointer {
    var address: UnsafeMutableRawPointer?
    try check(unsafe ck_cudaAllocate(context, Int64(byteCount), &address), byteCount: byteCount)
    guard let address = unsafe address else {
      throw .outOfMemory(device: device, byteCount: byteCount)
    }
    return unsafe address
  }

  @unsafe func free(_ address: UnsafeMutableRawPointer) throws(DeviceError) {
    try check(unsafe ck_cudaFree(context, address))
  }

  @unsafe func upload(_ source: UnsafeRawBufferPointer, to destination: UnsafeMutableRawPointer)
    throws(DeviceError)
  {
    guard let base = source.baseAddress else { return }
    try check(unsafe ck_cudaUpload(context, destination, base, Int64(source.count)))
  }

  @unsafe func download(
    _ source: UnsafeMutableRawPointer, to destination: UnsafeMutableRawBufferPointer
  ) throws(DeviceError) {
    guard let base = destination.baseAddress else { return }
    try check(unsafe ck_cudaDownload(context, base, source, Int64(destination.count)))
  }

  func synchronize() throws(DeviceError) { try check(unsafe ck_cudaSynchronize(context)) }

  /// Whether the product's bias was added.
  @unsafe @discardableResult
  func multiply(_ product: CKCUDAProduct) throws(DeviceError) -> Bool {
    var product = unsafe product
    var hasBias = false
    try check(unsafe ck_cudaProduct(context, &product, &hasBias))
    return hasBias
  }

  /// What is queued from now on is recorded instead; false where the driver does not.
  func beginRecording() -> Bool { unsafe ck_cudaBeginRecording(context) }

  /// Ends what `beginRecording` began.
  @unsafe func endRecording(keeping keeps: Bool) -> UnsafeMutableRawPointer? {
    unsafe ck_cudaEndRecording(context, keeps)
  }

  @unsafe func replay(_ recording: UnsafeMutableRawPointer) throws(DeviceError) {
    try check(unsafe ck_cudaReplay(context, recording))
  }

  @unsafe func dropRecording(_ recording: UnsafeMutableRawPointer) {
    unsafe ck_cudaDropRecording(context, recording)
  }

  /// What is queued from now on is of this kind.
  func mark(_ kind: OperationKind) throws(DeviceError) {
    let index = OperationKind.allCases.firstIndex(of: kind) ?? 0
    try check(unsafe ck_cudaMark(context, Int32(index)))
  }

  func takeTimings() throws(DeviceError) -> OperationTimings {
    var seconds = [Double](repeating: 0, count: Int(ckCUDAKinds))
    try check(unsafe ck_cudaTakeTimes(context, &seconds))
    var timings = OperationTimings()
    for (kind, seconds) in zip(OperationKind.allCases, seconds) {
      timings[kind] = .seconds(seconds)
    }
    return timings
  }

  private func check(_ succeeded: Bool, byteCount: Int = 0) throws(DeviceError) {
    if succeeded { return }
    let failure = Self.failure(of: device, byteCount: byteCount)
    throw fault.withLock { fault in
      if fault == nil, case .fault = failure { fault = failure }
      return fault ?? failure
    }
  }

  /// What the last call of this thread did wrong.
  private static func failure(of device: Device, byteCount: Int) -> DeviceError {
    let failure = unsafe ck_cudaFailure()
    let (call, text, tried) = unsafe (
      String(cString: failure.call), String(cString: failure.text), String(cString: failure.tried)
    )
    let places = tried.split(separator: "\n").map { String($0) }
    switch unsafe failure.kind {
    case .outOfMemory: return .outOfMemory(device: device, byteCount: byteCount)
    case .compilation: return .compilation(kernel: call, log: text)
    case .fault:
      return unsafe .fault(device: device, call: call, code: Int(failure.code), text: text)
    case .call: return unsafe .status(call: call, code: Int(failure.code), text: text)
    case .occupied: return .occupied(device: device, reason: text)
    case .absent: return .absent(device: device, reason: text, tried: places)
    default: return .unavailable(device: device, reason: text, tried: places)
    }
  }
}

// MARK: Launching

extension CUDAContext {
  /// Queues a kernel that takes one parameter.
  @unsafe func launch<First>(_ kernel: KernelName, _ grid: CUDAGrid, _ first: First)
    throws(DeviceError)
  {
    var first = first
    let succeeded = unsafe withUnsafePointer(to: &first) { first in
      unsafe queue(kernel, grid, (UnsafeRawPointer(first), nil, nil))
    }
    try check(succeeded)
  }

  /// Queues a kernel that takes two parameters.
  @unsafe func launch<First, Second>(
    _ kernel: KernelName, _ grid: CUDAGrid, _ first: First, _ second: Second
  ) throws(DeviceError) {
    var (first, second) = (first, second)
    let succeeded = unsafe withUnsafePointer(to: &first) { first in
      unsafe withUnsafePointer(to: &second) { second in
        unsafe queue(kernel, grid, (UnsafeRawPointer(first), UnsafeRawPointer(second), nil))
      }
    }
    try check(succeeded)
  }

  /// Queues a kernel that takes three parameters.
  @unsafe func launch<First, Second, Third>(
    _ kernel: KernelName, _ grid: CUDAGrid, _ first: First, _ second: Second, _ third: Third
  ) throws(DeviceError) {
    var (first, second, third) = (first, second, third)
    let succeeded = unsafe withUnsafePointer(to: &first) { first in
      unsafe withUnsafePointer(to: &second) { second in
        unsafe withUnsafePointer(to: &third) { third in
          unsafe queue(
            kernel, grid,
            (UnsafeRawPointer(first), UnsafeRawPointer(second), UnsafeRawPointer(third)))
        }
      }
    }
    try check(succeeded)
  }

  private func queue(
    _ kernel: KernelName, _ grid: CUDAGrid,
    _ parameters: (UnsafeRawPointer?, UnsafeRawPointer?, UnsafeRawPointer?)
  ) -> Bool {
    var launch = unsafe CKCUDALaunch(
      kernel: kernel.address, blocks: (Int64(grid.x), Int64(grid.y), Int64(grid.z)),
      threads: Int32(grid.threads), sharedBytes: Int32(grid.sharedBytes), parameters: parameters)
    return unsafe ck_cudaLaunch(context, &launch)
  }
}
