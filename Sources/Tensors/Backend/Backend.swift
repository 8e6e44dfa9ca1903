public import CKernels

/// The one seam between Swift and hardware: what a device does with memory and with numbers.
///
/// Each numeric requirement takes the parameter struct of its operation folder in `CKernels/ops`, whose header is
/// the contract. An operation may return before it has run; only `download` and `synchronize` wait. Callers use the
/// functions in `Operations`, which check shapes; nothing else calls these requirements.
public protocol Backend: AnyObject, Sendable {
  /// Where this backend computes.
  var device: Device { get }
  /// How products, and on a GPU attention, round their factors.
  var precision: Precision { get }
  /// What products read is also kept rounded, beside its floats, by whoever computes it.
  var keepsFactors: Bool { get }
  /// The same device and memory in fp32, work of both in one queue; itself where it computes so
  /// already.
  var fullPrecision: any Backend { get }

  /// Rows to give the matrices of so many tokens, inert ones among them: at least `tokenCount`, and
  /// few different numbers where each costs the device something.
  func rowCount(holding tokenCount: Int) -> Int

  /// Runs `body`, whose work is recorded for later and not done now. It must ask for the same work
  /// whatever step it is called for: what differs from step to step lies in `state` and in memory.
  /// Nil where the device does not record, and where what `body` asks for copies to the host or
  /// from it, or finds no memory; nothing has been done then either.
  func record(_ state: StepState, _ body: () throws(DeviceError) -> Void) -> (any Recording)?

  /// Memory with undefined contents, aligned to 64 bytes.
  @unsafe func allocate(byteCount: Int) throws(DeviceError) -> UnsafeMutableRawPointer
  /// Gives memory back. Work already queued may still use it.
  @unsafe func release(_ address: UnsafeMutableRawPointer, byteCount: Int)
  /// Copies host bytes to the device. `source` may be reused when this returns.
  @unsafe func upload(_ source: UnsafeRawBufferPointer, to destination: UnsafeMutableRawPointer)
    throws(DeviceError)
  /// Waits for queued work, then copies to the host.
  @unsafe func download(
    _ source: UnsafeMutableRawPointer, to destination: UnsafeMutableRawBufferPointer)
    throws(DeviceError)
  /// Waits until all queued work is done and reports what failed since the last call.
  func synchronize() throws(DeviceError)
  /// Time spent by kind of operation since the last call.
  func takeTimings() -> OperationTimings

  func fill(_ arguments: CKFill) throws(DeviceError)
  func copy(_ arguments: CKCopy) throws(DeviceError)
  func add(_ arguments: CKAdd) throws(DeviceError)
  func linearForward(_ arguments: CKLinearForward) throws(DeviceError)
  func linearBackward(_ arguments: CKLinearBackward) throws(DeviceError)
  func activationBackward(_ arguments: CKActivationBackward) throws(DeviceError)
  func attentionForward(_ arguments: CKAttentionForward) throws(DeviceError)
  func attentionBackward(_ arguments: CKAttentionBackward) throws(DeviceError)
  func headLinearForward(_ arguments: CKHeadLinear) throws(DeviceError)
  func headLinearInput(_ arguments: CKHeadLinear) throws(DeviceError)
  func headLinearWeight(_ arguments: CKHeadLinear) throws(DeviceError)
  func firstTokenForward(_ arguments: CKFirstTokenForward) throws(DeviceError)
  func firstTokenBackward(_ arguments: CKFirstTokenBackward) throws(DeviceError)
  func attentionNorm(_ arguments: CKAttentionNorm) throws(DeviceError)
  func layerNormForward(_ arguments: CKLayerNormForward) throws(DeviceError)
  func layerNormBackward(_ arguments: CKLayerNormBackward) throws(DeviceError)
  func embeddingForward(_ arguments: CKEmbeddingForward) throws(DeviceError)
  func embeddingBackward(_ arguments: CKEmbeddingBackward) throws(DeviceError)
  func gatherFirstRows(_ arguments: CKFirstRows) throws(DeviceError)
  func addToFirstRows(_ arguments: CKFirstRows) throws(DeviceError)
  func dropoutInPlace(_ arguments: CKDropoutInPlace) throws(DeviceError)
  func crossEntropy(_ arguments: CKCrossEntropy) throws(DeviceError)
  func outputEntropy(_ arguments: CKOutputEntropy) throws(DeviceError)
  func innerProduct(_ arguments: CKInnerProduct) throws(DeviceError)
  func globalNorm(_ arguments: CKGlobalNorm) throws(DeviceError)
  func adamW(_ arguments: CKAdamW) throws(DeviceError)
  func adamWRows(_ arguments: CKAdamWRows) throws(DeviceError)
}
