// The requirements are documented where they are declared, in Backend.swift.
// swift-format-ignore-file: AllPublicDeclarationsHaveDocumentation
public import CKernels

extension CUDABackend {
  public func fill(_ arguments: CKFill) throws(DeviceError) {
    try context.mark(.elementwise)
    unsafe try context.launch("fill_elementPerThread", .elements(arguments.count), arguments)
  }

  public func copy(_ arguments: CKCopy) throws(DeviceError) {
    try context.mark(.elementwise)
    unsafe try context.launch("copy_elementPerThread", .elements(arguments.count), arguments)
  }

  public func add(_ arguments: CKAdd) throws(DeviceError) {
    try context.mark(.elementwise)
    unsafe try context.launch("add_elementPerThread", .elements(arguments.count), arguments)
  }

  public func activationBackward(_ arguments: CKActivationBackward) throws(DeviceError) {
    try context.mark(.elementwise)
    unsafe try context.launch(
      "activationBackward_fourPerThread", .elements((arguments.count + 3) / 4), arguments)
  }

  public func dropoutInPlace(_ arguments: CKDropoutInPlace) throws(DeviceError) {
    try context.mark(.elementwise)
    var arguments = unsafe arguments
    unsafe arguments.dropout = current(arguments.dropout)
    unsafe try context.launch(
      "dropoutInPlace_rowPerBlock",
      .rows(arguments.rowCount, columns: arguments.columnCount), arguments)
  }

  public func gatherFirstRows(_ arguments: CKFirstRows) throws(DeviceError) {
    try context.mark(.elementwise)
    unsafe try context.launch(
      "gatherFirstRows_textPerBlock", .rows(arguments.sequenceCount, columns: arguments.size),
      arguments)
  }

  public func addToFirstRows(_ arguments: CKFirstRows) throws(DeviceError) {
    try context.mark(.elementwise)
    unsafe try context.launch(
      "addToFirstRows_textPerBlock", .rows(arguments.sequenceCount, columns: arguments.size),
      arguments)
  }

  public func attentionNorm(_ arguments: CKAttentionNorm) throws(DeviceError) {
    try context.mark(.attention)
    guard unsafe arguments.sequenceCount > 0 else { return }
    unsafe try context.launch(
      "attentionNorm_headPerThread", CUDAGrid(x: 1, threads: Int(ckWarpSize)), arguments)
  }

  public func crossEntropy(_ arguments: CKCrossEntropy) throws(DeviceError) {
    try context.mark(.elementwise)
    unsafe try context.launch(
      "crossEntropy_rowPerThread", CUDAGrid(x: 1, threads: ckElementThreads), arguments)
  }

  public func outputEntropy(_ arguments: CKOutputEntropy) throws(DeviceError) {
    try context.mark(.elementwise)
    unsafe try context.launch(
      "outputEntropy_rowPerThread", CUDAGrid(x: 1, threads: ckElementThreads), arguments)
  }

  public func embeddingForward(_ arguments: CKEmbeddingForward) throws(DeviceError) {
    try context.mark(.elementwise)
    unsafe try context.launch(
      "embeddingForward_tokenPerBlock", .rows(arguments.rowCount, columns: arguments.size),
      arguments)
  }

  public func embeddingBackward(_ arguments: CKEmbeddingBackward) throws(DeviceError) {
    try context.mark(.elementwise)
    guard unsafe arguments.tokenCount > 0 else { return }
    unsafe try context.launch(
      "embeddingBackward_wordPerBlock", .rows(arguments.groupCount, columns: arguments.size),
      arguments)
    unsafe try context.launch(
      "embeddingBackward_positionPerBlock",
      .rows(arguments.longestSequence, columns: arguments.size), arguments)
    guard let dTokenType = unsafe arguments.dTokenType else { return }
    unsafe try sumColumns(
      arguments.dOutput, rows: arguments.tokenCount, columns: arguments.size, into: dTokenType,
      accumulating: true)
  }

  public func layerNormForward(_ arguments: CKLayerNormForward) throws(DeviceError) {
    try context.mark(.elementwise)
    var arguments = unsafe arguments
    unsafe arguments.inputDropout = current(arguments.inputDropout)
    unsafe arguments.outputDropout = current(arguments.outputDropout)
    let rows = ckRowsPerBlock
    unsafe try context.launch(
      "layerNormForward_rowPerWarp",
      CUDAGrid(x: CUDAGrid.pieces(Int(arguments.rowCount), rows), threads: rows * ckWarpSize),
      arguments)
  }

  public func layerNormBackward(_ arguments: CKLayerNormBackward) throws(DeviceError) {
    try context.mark(.elementwise)
    var arguments = unsafe arguments
    unsafe arguments.inputDropout = current(arguments.inputDropout)
    unsafe arguments.outputDropout = current(arguments.outputDropout)
    let (rows, size) = unsafe (Int(arguments.rowCount), Int(arguments.size))
    let chunks = max(1, CUDAGrid.pieces(rows, ckLayerNormChunkRows))
    // As many groups of chunks as chunks in one; the first so that few chunks are one group.
    let groupSize = max(16, Int(Double(chunks).squareRoot().rounded(.up)))
    let groups = CUDAGrid.pieces(chunks, groupSize)
    unsafe try withScratch(Float.self, count: (chunks + groups) * 3 * size) {
      rows throws(DeviceError) in
      var grid = CUDAGrid.rows(Int32(chunks), columns: Int32(size))
      // The first half of the kernel wants several warps, however few columns there are.
      grid.threads = max(grid.threads, 4 * ckWarpSize)
      unsafe try context.launch(
        "layerNormBackward_chunkPerBlock", grid, arguments,
        joining(rows, groups: groups, of: groupSize))
    }
  }

  public func innerProduct(_ arguments: CKInnerProduct) throws(DeviceError) {
    try context.mark(.optimizer)
    let chunks = unsafe max(1, CUDAGrid.pieces(Int(arguments.count), ckNormChunk))
    unsafe try withScratch(Double.self, count: chunks) { sums throws(DeviceError) in
      unsafe try context.launch(
        "innerProduct_chunkPerBlock", CUDAGrid(x: chunks, threads: ckElementThreads), arguments,
        joining(sums, of: chunks))
    }
  }

  public func globalNorm(_ arguments: CKGlobalNorm) throws(DeviceError) {
    try context.mark(.optimizer)
    let chunks =
      unsafe max(1, CUDAGrid.pieces(Int(arguments.count), ckNormChunk))
      + Int(arguments.rowCount)
    unsafe try withScratch(Double.self, count: chunks) { sums throws(DeviceError) in
      unsafe try context.launch(
        "globalNorm_chunkPerBlock", CUDAGrid(x: chunks, threads: ckElementThreads), arguments,
        joining(sums, of: chunks))
    }
  }

  public func adamW(_ arguments: CKAdamW) throws(DeviceError) {
    try context.mark(.optimizer)
    let factors = unsafe withUnsafePointer(to: arguments) { unsafe ck_adamWFactors($0) }
    unsafe try context.launch(
      "adamW_fourPerThread", .elements((arguments.count + 3) / 4), current(arguments), factors)
  }

  public func adamWRows(_ arguments: CKAdamWRows) throws(DeviceError) {
    try context.mark(.optimizer)
    var arguments = unsafe arguments
    unsafe arguments.table = current(arguments.table)
    let factors = unsafe withUnsafePointer(to: arguments.table) { unsafe ck_adamWFactors($0) }
    unsafe try context.launch(
      "adamWRows_rowPerBlock", .rows(Int32(max(1, arguments.rowCount)), columns: arguments.size),
      arguments, factors)
  }

  /// Runs `body` with device memory that queued work may use and that is given back at once: whoever gets it next
  /// queues behind.
  @unsafe func withScratch<Element>(
    _ type: Element.Type, count: Int,
    _ body: (UnsafeMutablePointer<Element>) throws(DeviceError) -> Void
  ) throws(DeviceError) {
    let byteCount = max(1, count) * MemoryLayout<Element>.stride
    let address = unsafe try allocate(byteCount: byteCount)
    defer { unsafe release(address, byteCount: byteCount) }
    unsafe try body(address.assumingMemoryBound(to: type))
  }

  /// result[column] (+)= Σ values[row, column].
  @unsafe func sumColumns(
    _ values: UnsafePointer<Float>, rows: Int32, columns: Int32,
    into result: UnsafeMutablePointer<Float>, accumulating: Bool
  ) throws(DeviceError) {
    unsafe try context.launch(
      "columnSums_eightPerBlock",
      CUDAGrid(x: CUDAGrid.pieces(Int(columns), ckColumnSumColumns), threads: ckColumnSumThreads),
      CKColumnSums(
        rowCount: rows, size: columns, accumulates: accumulating, values: values, result: result))
  }

  /// How the sums of blocks come together in `rows`.
  @unsafe private func joining<Element>(
    _ rows: UnsafeMutablePointer<Element>, groups: Int = 1, of groupSize: Int
  ) -> CKJoining {
    precondition(groups < ckArrivalCounters, "\(groups) groups of blocks are too many")
    return unsafe CKJoining(
      rows: rows, counters: context.arrivalCounters, groupSize: Int32(groupSize))
  }
}
