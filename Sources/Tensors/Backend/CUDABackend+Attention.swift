// The requirements are documented where they are declared, in Backend.swift.
// swift-format-ignore-file: AllPublicDeclarationsHaveDocumentation
public import CKernels
internal import Synchronization

extension CUDABackend {
  public func attentionForward(_ arguments: CKAttentionForward) throws(DeviceError) {
    try context.mark(.attention)
    var arguments = unsafe arguments
    unsafe arguments.inputs.dropout = current(arguments.inputs.dropout)
    let inputs = unsafe arguments.inputs
    let kernel = unsafe try attentionKernels(inputs).forward
    unsafe try context.launch(kernel.name, attentionGrid(inputs, kernel), arguments)
  }

  public func attentionBackward(_ arguments: CKAttentionBackward) throws(DeviceError) {
    try context.mark(.attention)
    var arguments = unsafe arguments
    unsafe arguments.inputs.dropout = current(arguments.inputs.dropout)
    let inputs = unsafe arguments.inputs
    switch unsafe try attentionKernels(inputs).backward {
    case .whole(let kernel):
      unsafe try context.launch(kernel.name, attentionGrid(inputs, kernel), arguments)
    case .split(let query, let key):
      // Two numbers a query row and head, which the first kernel leaves for the second.
      unsafe try withScratch(Float.self, count: 2 * Int(inputs.rowCount) * Int(inputs.headCount)) {
        statistics throws(DeviceError) in
        for kernel in [query, key] {
          unsafe try context.launch(
            kernel.name, attentionGrid(inputs, kernel), arguments, statistics)
        }
      }
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
    let longest = Int(unsafe inputs.longestSequence)
    return chosenKernels.withLock { chosen in
      let key = AttentionKernels.Key(headSize: headSize, longest: longest)
      if let known = chosen[key] { return known }
      let kernels =
        precision == .fp32
        ? AttentionKernels(headSize: headSize)
        : AttentionKernels(
          headSize: headSize, longest: longest, precision, architecture: context.architecture,
          trial: trial)
      chosen[key] = kernels
      return kernels
    }
  }

  /// A block for each tile of each head of each text, and of the rows behind the texts; those
  /// behind an end return at once. An empty text has one, which writes its sums.
  private func attentionGrid(_ inputs: CKAttentionInputs, _ kernel: AttentionKernel) -> CUDAGrid {
    unsafe CUDAGrid(
      x: CUDAGrid.units(
        inputs.sequenceCount, longest: inputs.longestSequence,
        inertRows: inputs.rowCount - inputs.tokenCount), y: Int(inputs.headCount),
      z: CUDAGrid.pieces(max(1, Int(inputs.longestSequence)), kernel.rows),
      threads: kernel.threads, sharedBytes: kernel.sharedBytes)
  }
}
