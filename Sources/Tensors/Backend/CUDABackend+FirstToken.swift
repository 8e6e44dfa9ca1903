// The requirements are documented where they are declared, in Backend.swift.
// swift-format-ignore-file: AllPublicDeclarationsHaveDocumentation
public import CKernels

extension CUDABackend {
  public func headLinearForward(_ arguments: CKHeadLinear) throws(DeviceError) {
    unsafe try launchHeads(
      "headLinearForward_headTile", rows: arguments.rowCount, columns: arguments.headSize,
      arguments)
  }

  public func headLinearInput(_ arguments: CKHeadLinear) throws(DeviceError) {
    unsafe try launchHeads(
      "headLinearInput_headTile", rows: arguments.rowCount, columns: arguments.inputSize,
      arguments)
  }

  public func headLinearWeight(_ arguments: CKHeadLinear) throws(DeviceError) {
    unsafe try launchHeads(
      "headLinearWeight_headTile", rows: arguments.headSize, columns: arguments.inputSize,
      arguments)
  }

  /// A block for each tile of each head's output.
  @unsafe private func launchHeads(
    _ kernel: StaticString, rows: Int32, columns: Int32, _ arguments: CKHeadLinear
  ) throws(DeviceError) {
    try context.mark(.products)
    unsafe try context.launch(
      kernel,
      CUDAGrid(
        x: CUDAGrid.pieces(Int(columns), ckHeadTile), y: CUDAGrid.pieces(Int(rows), ckHeadTile),
        z: Int(arguments.headCount), threads: ckHeadTileThreads), arguments)
  }

  public func firstTokenForward(_ arguments: CKFirstTokenForward) throws(DeviceError) {
    try context.mark(.attention)
    unsafe try context.launch(
      "firstTokenForward_headPerBlock", headGrid(arguments.inputs), arguments)
  }

  public func firstTokenBackward(_ arguments: CKFirstTokenBackward) throws(DeviceError) {
    try context.mark(.attention)
    let inputs = unsafe arguments.inputs
    // Two numbers a token and head, which the first kernel leaves for the second.
    unsafe try withScratch(Float.self, count: 2 * Int(inputs.tokenCount) * Int(inputs.headCount)) {
      factors throws(DeviceError) in
      unsafe try context.launch(
        "firstTokenBackward_headPerBlock", headGrid(inputs), arguments, factors)
      unsafe try context.launch(
        "firstTokenBackward_tokenTile",
        CUDAGrid(
          x: Int(inputs.sequenceCount),
          y: CUDAGrid.pieces(Int(inputs.longestSequence), ckTokenTile),
          threads: ckFirstTokenThreads), arguments, factors)
    }
  }

  /// A block for each head of each text.
  private func headGrid(_ inputs: CKFirstTokenInputs) -> CUDAGrid {
    unsafe CUDAGrid(
      x: Int(inputs.sequenceCount), y: Int(inputs.headCount), threads: ckFirstTokenThreads)
  }
}
