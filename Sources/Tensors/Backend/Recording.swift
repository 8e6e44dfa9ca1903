internal import CKernels

/// Work of a device that is queued as a whole: whatever was asked for while it was recorded.
public protocol Recording: AnyObject, Sendable {
  /// False: its memory was needed for something else, and it cannot be replayed any more.
  var isCurrent: Bool { get }
  /// Queues it.
  func replay() throws(DeviceError)
}

/// What differs from one training step to the next, on a device that records one for many: the
/// step that dropout masks and AdamW go by, and AdamW's factors.
public struct StepState: Sendable {
  let words: Tensor
  private static let size = MemoryLayout<CKStepState>.size

  /// Of no step yet.
  public init(on backend: any Backend) throws(DeviceError) {
    words = try Tensor([Self.size / 4], of: .int32, on: backend)
  }

  /// The state of a step.
  ///
  /// - Parameters:
  ///   - step: from 0, as dropout counts; AdamW counts from 1.
  ///   - learningRate: of this step.
  public func write(step: Int, learningRate: Double, _ parameters: AdamWParameters)
    throws(DeviceError)
  {
    let factors = ck_adamWFactorsOf(
      Int64(step + 1), learningRate, parameters.beta1, parameters.beta2, parameters.epsilon,
      parameters.weightDecay)
    let state = CKStepState(
      dropoutStep: UInt32(truncatingIfNeeded: step), step: Int32(step + 1), factors: factors)
    try words.write(
      unsafe withUnsafeBytes(of: state) { unsafe Array($0.bindMemory(to: Int32.self)) })
  }
}

/// A CUDA graph, whose memory is the backend's as long as it is current.
@safe final class CUDARecording: Recording, @unchecked Sendable {
  private let backend: CUDABackend
  private let handle: UnsafeMutableRawPointer
  private let generation: Int

  @unsafe init(_ handle: UnsafeMutableRawPointer, generation: Int, of backend: CUDABackend) {
    unsafe self.handle = handle
    self.generation = generation
    self.backend = backend
  }

  var isCurrent: Bool { backend.recordingGeneration == generation }

  func replay() throws(DeviceError) {
    precondition(isCurrent, "a recording whose memory was given back cannot be replayed")
    unsafe try backend.context.replay(handle)
  }

  deinit { unsafe backend.context.dropRecording(handle) }
}

extension CUDABackend {
  // Documented in Backend.swift.
  // swift-format-ignore: AllPublicDeclarationsHaveDocumentation
  public func record(_ state: StepState, _ body: () throws(DeviceError) -> Void) -> (any Recording)?
  {
    if let owner { return owner.record(state, body) }
    guard context.beginRecording() else { return nil }
    let generation = unsafe beginRecording(state.words.integers)
    var isDone = true
    do throws(DeviceError) { try body() } catch { isDone = false }
    endRecording()
    guard let handle = unsafe context.endRecording(keeping: isDone) else { return nil }
    return unsafe CUDARecording(handle, generation: generation, of: self)
  }

  /// The state of the step that is recorded; nil: none is.
  private var recordedState: UnsafePointer<CKStepState>? {
    guard let address = (owner ?? self).recordedStateAddress else { return nil }
    return unsafe UnsafePointer(address.value.assumingMemoryBound(to: CKStepState.self))
  }

  /// A mask as this launch draws it: while a step is recorded, of whatever step its state will be.
  @unsafe func current(_ dropout: CKDropout) -> CKDropout {
    guard let state = unsafe recordedState else { return unsafe dropout }
    var dropout = unsafe dropout
    // The step of dropout comes first.
    unsafe dropout.stepAddress = UnsafeRawPointer(state).assumingMemoryBound(to: UInt32.self)
    return unsafe dropout
  }

  /// AdamW's step likewise.
  @unsafe func current(_ arguments: CKAdamW) -> CKAdamW {
    var arguments = unsafe arguments
    unsafe arguments.state = recordedState
    return unsafe arguments
  }
}
