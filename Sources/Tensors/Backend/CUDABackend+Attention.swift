// The requirements are documented where they are declared, in Backend.swift.
// swift-format-ignore-file: AllPublicDeclarationsHaveDocumentation
public import CKernels

/// Features of a head that the attention kernels come in.
private enum HeadClass {
  case upTo32, upTo64, upTo128

  init(_ headSize: Int32, on device: Device) throws(DeviceError) {
    guard Int(headSize) <= ckAttentionLargestHead else {
      throw .unavailable(
        device: device,
        reason: "the model's heads have \(headSize) features and a GPU's registers hold "
          + "\(ckAttentionLargestHead): take a model of smaller heads", tried: [])
    }
    self = headSize <= 32 ? .upTo32 : headSize <= 64 ? .upTo64 : .upTo128
  }

  /// Bytes of shared memory for `rows` tiles of rows and `squares` tiles of weights, each row padded by 16 bytes.
  func sharedBytes(rows: Int, squares: Int) -> Int {
    let features =
      switch self {
      case .upTo32: 32
      case .upTo64: 64
      case .upTo128: 128
      }
    let tile = ckAttentionTile
    return (rows * tile * (features + 4) + squares * tile * (tile + 4)) * MemoryLayout<Float>.size
  }
}

extension CUDABackend {
  public func attentionForward(_ arguments: CKAttentionForward) throws(DeviceError) {
    try context.mark(.attention)
    let inputs = unsafe arguments.inputs
    let headClass = try HeadClass(unsafe inputs.headSize, on: device)
    let grid = unsafe attentionGrid(
      inputs, rows: queryRows(inputs), sharedBytes: headClass.sharedBytes(rows: 3, squares: 1))
    let kernel: StaticString =
      switch headClass {
      case .upTo32: "attentionForward_queryTile32"
      case .upTo64: "attentionForward_queryTile64"
      case .upTo128: "attentionForward_queryTile128"
      }
    unsafe try context.launch(kernel, grid, arguments)
  }

  public func attentionBackward(_ arguments: CKAttentionBackward) throws(DeviceError) {
    try context.mark(.attention)
    let inputs = unsafe arguments.inputs
    let headClass = try HeadClass(unsafe inputs.headSize, on: device)
    let rows = unsafe inputs.firstTokenOnly ? inputs.sequenceCount : inputs.tokenCount
    let (queryKernel, keyKernel): (StaticString, StaticString) =
      switch headClass {
      case .upTo32: ("attentionBackward_queryTile32", "attentionBackward_keyTile32")
      case .upTo64: ("attentionBackward_queryTile64", "attentionBackward_keyTile64")
      case .upTo128: ("attentionBackward_queryTile128", "attentionBackward_keyTile128")
      }
    // Two numbers a query row and head, which the first kernel leaves for the second.
    unsafe try withScratch(Float.self, count: 2 * Int(rows) * Int(inputs.headCount)) {
      statistics throws(DeviceError) in
      unsafe try context.launch(
        queryKernel,
        attentionGrid(
          inputs, rows: queryRows(inputs), sharedBytes: headClass.sharedBytes(rows: 4, squares: 1)),
        arguments, statistics)
      unsafe try context.launch(
        keyKernel,
        attentionGrid(
          inputs, rows: Int(inputs.longestSequence),
          sharedBytes: headClass.sharedBytes(rows: 4, squares: 2)),
        arguments, statistics)
    }
  }

  /// Query rows of the longest text. An empty text still has a first row, of zeros, where only first tokens ask.
  private func queryRows(_ inputs: CKAttentionInputs) -> Int {
    unsafe inputs.firstTokenOnly ? 1 : max(1, Int(inputs.longestSequence))
  }

  /// A block for each tile of each head of each text; those behind a text's end return at once.
  private func attentionGrid(_ inputs: CKAttentionInputs, rows: Int, sharedBytes: Int) -> CUDAGrid {
    unsafe CUDAGrid(
      x: Int(inputs.sequenceCount), y: Int(inputs.headCount),
      z: CUDAGrid.pieces(rows, ckAttentionTile), threads: ckAttentionThreads,
      sharedBytes: sharedBytes)
  }
}
