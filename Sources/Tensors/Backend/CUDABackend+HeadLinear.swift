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
    _ kernel: KernelName, rows: Int32, columns: Int32, _ arguments: CKHeadLinear
  ) throws(DeviceError) {
    try context.mark(.products)
    unsafe try context.launch(
      kernel,
      CUDAGrid(
        x: CUDAGrid.pieces(Int(columns), ckHeadTile), y: CUDAGrid.pieces(Int(rows), ckHeadTile),
        z: Int(arguments.headCount), threads: ckHeadTileThreads), arguments)
  }
}
