internal import CKernels

/// One attention kernel, and how it is launched.
struct AttentionKernel {
  let name: KernelName
  /// Rows of one head that a block works on.
  let rows: Int
  let threads: Int
  let sharedBytes: Int

  /// For tensor cores.
  init(_ variant: AttentionVariant) {
    (name, rows) = (variant.name, variant.rows)
    (threads, sharedBytes) = (variant.threads, variant.sharedBytes)
  }

  /// In fp32: `tiles` of a head's rows in shared memory, and squares of weights, which go from one
  /// product to the next by way of it.
  init(_ name: KernelName, features: Int, tiles: Int, weights: Int) {
    let tile = ckAttentionTile
    (self.name, rows, threads) = (name, tile, ckAttentionThreads)
    // Each row is padded by 16 bytes.
    sharedBytes = (tiles * tile * (features + 4) + weights * tile * (tile + 4)) * 4
  }
}

/// The attention kernels for one size of head, precision and longest text.
struct AttentionKernels {
  /// What they are chosen by on one GPU.
  struct Key: Hashable {
    let headSize: Int
    let longest: Int
  }

  enum Backward {
    /// All gradients.
    case whole(AttentionKernel)
    /// The queries', then those of keys and values.
    case split(query: AttentionKernel, key: AttentionKernel)
  }

  let forward: AttentionKernel
  let backward: Backward

  /// In fp32.
  init(headSize: Int) {
    let features = AttentionVariant.features(holding: headSize)
    let (forward, query, key) = Self.names(features)
    self.forward = AttentionKernel(forward, features: features, tiles: 3, weights: 1)
    backward = .split(
      query: AttentionKernel(query, features: features, tiles: 4, weights: 1),
      key: AttentionKernel(key, features: features, tiles: 4, weights: 2))
  }

  private static func names(_ features: Int) -> (KernelName, KernelName, KernelName) {
    switch features {
    case 32:
      (
        "attentionForward_queryTile32", "attentionBackward_queryTile32",
        "attentionBackward_keyTile32"
      )
    case 64:
      (
        "attentionForward_queryTile64", "attentionBackward_queryTile64",
        "attentionBackward_keyTile64"
      )
    default:
      (
        "attentionForward_queryTile128", "attentionBackward_queryTile128",
        "attentionBackward_keyTile128"
      )
    }
  }

  /// On tensor cores: those of the table of choices for texts of up to `longest` tokens, or of
  /// `trial`, where it has some that fit.
  ///
  /// - Parameter architecture: 10 · major + minor, from 80 on.
  init(
    headSize: Int, longest: Int, _ precision: Precision, architecture: Int,
    trial: [AttentionVariant]
  ) {
    let features = AttentionVariant.features(holding: headSize)
    let tried = trial.filter {
      $0.precision == precision && $0.features == features
        && ($0.pass != .whole || longest <= $0.rows)
    }
    let chosen = AttentionVariant.chosen(
      architecture: architecture, precision: precision, features: features, longest: longest)
    func kernel(_ pass: AttentionVariant.Pass, of variants: [AttentionVariant]) -> AttentionKernel?
    {
      variants.first { $0.pass == pass }.map(AttentionKernel.init)
    }
    let backward = tried.contains { $0.pass != .forward } ? tried : chosen
    guard let forward = kernel(.forward, of: tried) ?? kernel(.forward, of: chosen) else {
      preconditionFailure("a row of attention's choices has no forward kernel")
    }
    self.forward = forward
    if let whole = kernel(.whole, of: backward) {
      self.backward = .whole(whole)
    } else if let query = kernel(.query, of: backward), let key = kernel(.key, of: backward) {
      self.backward = .split(query: query, key: key)
    } else {
      preconditionFailure("the gradients of keys and values go with those of the queries")
    }
  }
}
