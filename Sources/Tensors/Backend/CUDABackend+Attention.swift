// The requirements are documented where they are declared, in Backend.swift.
// swift-format-ignore-file: AllPublicDeclarationsHaveDocumentation
public import CKernels

extension CUDABackend {
  public func attentionForward(_ arguments: CKAttentionForward) throws(DeviceError) {
    try context.mark(.attention)
    var arguments = unsafe arguments
    unsafe arguments.inputs.dropout = current(arguments.inputs.dropout)
    let inputs = unsafe arguments.inputs
    let kernels = unsafe try attentionKernels(inputs)
    unsafe try context.launch(
      kernels.forward,
      attentionGrid(
        inputs, threads: kernels.threads,
        sharedBytes: kernels.forwardBytes), arguments)
  }

  public func attentionBackward(_ arguments: CKAttentionBackward) throws(DeviceError) {
    try context.mark(.attention)
    var arguments = unsafe arguments
    unsafe arguments.inputs.dropout = current(arguments.inputs.dropout)
    let inputs = unsafe arguments.inputs
    let kernels = unsafe try attentionKernels(inputs)
    // Two numbers a query row and head, which the first kernel leaves for the second.
    unsafe try withScratch(Float.self, count: 2 * Int(inputs.rowCount) * Int(inputs.headCount)) {
      statistics throws(DeviceError) in
      unsafe try context.launch(
        kernels.backwardQuery,
        attentionGrid(
          inputs, threads: kernels.threads,
          sharedBytes: kernels.backwardQueryBytes), arguments, statistics)
      unsafe try context.launch(
        kernels.backwardKey,
        attentionGrid(
          inputs, threads: kernels.threads,
          sharedBytes: kernels.backwardKeyBytes), arguments, statistics)
    }
  }

  private func attentionKernels(_ inputs: CKAttentionInputs) throws(DeviceError) -> AttentionKernels
  {
    let headSize = Int(unsafe inputs.headSize)
    guard headSize <= ckAttentionLargestHead else {
      throw .unavailable(
        device: device,
        reason: "the model's heads have \(headSize) features and a GPU's registers hold "
          + "\(ckAttentionLargestHead): take a model of smaller heads", tried: [])
    }
    return AttentionKernels(headSize: headSize, precision)
  }

  /// A block for each tile of each head of each text, and of the rows behind the texts; those behind
  /// an end return at once. An empty text has one, which writes its sums.
  private func attentionGrid(
    _ inputs: CKAttentionInputs, threads: Int, sharedBytes: Int
  ) -> CUDAGrid {
    unsafe CUDAGrid(
      x: CUDAGrid.units(
        inputs.sequenceCount, longest: inputs.longestSequence,
        inertRows: inputs.rowCount - inputs.tokenCount), y: Int(inputs.headCount),
      z: CUDAGrid.pieces(max(1, Int(inputs.longestSequence)), ckAttentionTile), threads: threads,
      sharedBytes: sharedBytes)
  }
}
