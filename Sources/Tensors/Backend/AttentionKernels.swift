internal import CKernels

/// The attention kernels for one head size and precision, and how they are launched.
struct AttentionKernels {
  /// The kernels' names.
  let forward: StaticString
  let backwardQuery: StaticString
  let backwardKey: StaticString
  let threads: Int
  /// Shared memory of each, in bytes.
  let forwardBytes: Int
  let backwardQueryBytes: Int
  let backwardKeyBytes: Int

  /// - Parameter headSize: at most `ckAttentionLargestHead`; kernels come for 32, 64 and 128 features.
  init(headSize: Int, _ precision: Precision) {
    let features = headSize <= 32 ? 32 : headSize <= 64 ? 64 : 128
    (forward, backwardQuery, backwardKey) = Self.names(features, precision)
    let tile = ckAttentionTile
    // Each row is padded by 16 bytes. In fp32, weights go from one product to the next by way of shared memory.
    func bytes(tiles: Int, weights: Int) -> Int {
      let perWord = precision == .bf16 ? 2 : 1
      let squares = precision == .fp32 ? weights : 0
      return (tiles * tile * (features / perWord + 4) + squares * tile * (tile + 4)) * 4
    }
    threads = precision == .fp32 ? ckAttentionThreads : ckAttentionTensorThreads
    forwardBytes = bytes(tiles: 3, weights: 1)
    backwardQueryBytes = bytes(tiles: 4, weights: 1)
    backwardKeyBytes = bytes(tiles: 4, weights: 2)
  }

  private typealias Names = (StaticString, StaticString, StaticString)

  private static func names(_ features: Int, _ precision: Precision) -> Names {
    switch (features, precision) {
    case (32, .fp32):
      (
        "attentionForward_queryTile32", "attentionBackward_queryTile32",
        "attentionBackward_keyTile32"
      )
    case (64, .fp32):
      (
        "attentionForward_queryTile64", "attentionBackward_queryTile64",
        "attentionBackward_keyTile64"
      )
    case (_, .fp32):
      (
        "attentionForward_queryTile128", "attentionBackward_queryTile128",
        "attentionBackward_keyTile128"
      )
    case (32, .tf32):
      (
        "attentionForward_queryTile32_tf32", "attentionBackward_queryTile32_tf32",
        "attentionBackward_keyTile32_tf32"
      )
    case (64, .tf32):
      (
        "attentionForward_queryTile64_tf32", "attentionBackward_queryTile64_tf32",
        "attentionBackward_keyTile64_tf32"
      )
    case (_, .tf32):
      (
        "attentionForward_queryTile128_tf32", "attentionBackward_queryTile128_tf32",
        "attentionBackward_keyTile128_tf32"
      )
    case (32, .bf16):
      (
        "attentionForward_queryTile32_bf16", "attentionBackward_queryTile32_bf16",
        "attentionBackward_keyTile32_bf16"
      )
    case (64, .bf16):
      (
        "attentionForward_queryTile64_bf16", "attentionBackward_queryTile64_bf16",
        "attentionBackward_keyTile64_bf16"
      )
    case (_, .bf16):
      (
        "attentionForward_queryTile128_bf16", "attentionBackward_queryTile128_bf16",
        "attentionBackward_keyTile128_bf16"
      )
    }
  }
}
