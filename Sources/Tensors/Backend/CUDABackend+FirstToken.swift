// The requirements are documented where they are declared, in Backend.swift.
// swift-format-ignore-file: AllPublicDeclarationsHaveDocumentation
public import CKernels

extension CUDABackend {
  public func firstTokenForward(_ arguments: CKFirstTokenForward) throws(DeviceError) {
    try context.mark(.attention)
    var arguments = unsafe arguments
    unsafe arguments.inputs.dropout = current(arguments.inputs.dropout)
    unsafe try context.launch(
      "firstTokenForward_headsPerBlock", headGrid(arguments.inputs), arguments)
  }

  public func firstTokenBackward(_ arguments: CKFirstTokenBackward) throws(DeviceError) {
    try context.mark(.attention)
    var arguments = unsafe arguments
    unsafe arguments.inputs.dropout = current(arguments.inputs.dropout)
    let inputs = unsafe arguments.inputs
    // Two numbers a token and head, which the first kernel leaves for the second.
    unsafe try withScratch(Float.self, count: 2 * Int(inputs.rowCount) * Int(inputs.headCount)) {
      factors throws(DeviceError) in
      unsafe try context.launch(
        "firstTokenBackward_headsPerBlock", headGrid(inputs), arguments, factors)
      unsafe try context.launch(
        "firstTokenBackward_tokenTile",
        CUDAGrid(
          x: CUDAGrid.units(
            inputs.sequenceCount, longest: inputs.longestSequence,
            inertRows: inputs.rowCount - inputs.tokenCount),
          y: CUDAGrid.pieces(Int(inputs.longestSequence), ckTokenTile),
          threads: ckFirstTokenThreads), arguments, factors)
    }
  }

  /// A block for some heads of one text.
  private func headGrid(_ inputs: CKFirstTokenInputs) -> CUDAGrid {
    unsafe CUDAGrid(
      x: Int(inputs.sequenceCount), y: CUDAGrid.pieces(Int(inputs.headCount), ckFirstTokenHeads),
      threads: ckFirstTokenThreads)
  }
}
