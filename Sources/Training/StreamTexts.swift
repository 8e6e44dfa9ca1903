internal import Text

/// The texts of one stream, batch after batch without end: when all were read, they begin again in
/// another order. Which texts a step reads follows from seed, stream and step, so that a run that
/// goes on reads what it would have read.
struct StreamTexts {
  private let texts: EncodedDataset
  private let batchSize: Int
  private let order: BatchPlan.Order
  private let seed: UInt64
  private var plan: (cycle: Int, batches: [[Int]]) = (0, [])

  /// - Parameter stream: its number. The first is read in the order that a run without others has.
  init(_ texts: EncodedDataset, batchSize: Int?, stream: Int, _ settings: TrainingSettings) {
    self.texts = texts
    self.batchSize = batchSize ?? settings.batchSize
    order = settings.order
    var generator = SeededGenerator(seed: settings.seed, for: .stream, index: stream)
    seed = stream == 0 ? settings.seed : generator.next()
  }

  /// Batches until all texts were read.
  var batchCount: Int { (texts.count + batchSize - 1) / batchSize }

  /// The batch of a step, from 0.
  mutating func batch(at step: Int) -> Batch {
    let cycle = step / batchCount + 1
    if plan.cycle != cycle {
      plan = (
        cycle,
        BatchPlan(
          lengths: texts.lengths, batchSize: batchSize, order: order, seed: seed, epoch: cycle
        ).batches
      )
    }
    return Batch(texts, indices: plan.batches[step % batchCount])
  }
}
