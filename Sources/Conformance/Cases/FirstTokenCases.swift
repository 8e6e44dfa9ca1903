import Tensors

extension FirstTokenOperation {
  static let cases: [Case] = {
    typealias F = FirstTokenOperation
    let drop = Dropout(probability: 0.1, seed: 0xFEDC_BA98_7654_3210, step: 12, site: 4)
    let halfDrop = Dropout(probability: 0.5, seed: 5, step: 1, site: 1, firstRow: 21)
    let mixed = [1, 7, 2, 17]
    let small = [
      F([1], heads: 1, features: 1),
      F([1, 1, 1], heads: 2, features: 7, dropout: drop, norm: .term(jointBatch: false)),
      F(mixed, heads: 3, features: 16),
      F(mixed, heads: 3, features: 21, mask: [0, 0, 0], norm: .term(jointBatch: true)),
      F(mixed, heads: 3, features: 21, mask: [1, 0, 1], dropout: drop),
      F(mixed, heads: 2, features: 32, dropout: halfDrop),
      F([5, 3], heads: 2, features: 7, prefix: 4),
      F([5, 9], heads: 2, features: 16, dropout: halfDrop, prefix: 4, afterDropout: true),
      F(mixed, heads: 2, features: 5, mask: [0, 1], norm: .coefficient),
      F(mixed, heads: 2, features: 5, dropout: drop, norm: .coefficient),
      F(mixed, heads: 2, features: 5, dropout: drop, afterDropout: true, norm: .coefficient),
      F(mixed, heads: 3, features: 9, mask: [1, 1, 0], norm: .term(jointBatch: false)),
      F(mixed, heads: 3, features: 16, mask: [1, 1, 0], norm: .term(jointBatch: true)),
      F(
        mixed, heads: 3, features: 4, dropout: halfDrop, afterDropout: true,
        norm: .term(jointBatch: true)),
      F([31, 32, 33], heads: 15, features: 48, dropout: drop),
      F([9, 8], heads: 16, features: 17, dropout: drop),
      F([8, 9], heads: 17, features: 33, dropout: halfDrop, norm: .term(jointBatch: false)),
      F([130, 1], heads: 2, features: 130, mask: [1, 1], dropout: drop),
      F([23], heads: 2, features: 11, sharpness: 40),
      F(
        [0, 3, 0, 0, 5, 0], heads: 3, features: 16, mask: [1, 0, 1], dropout: drop,
        norm: .coefficient),
      F([0, 0], heads: 2, features: 7),
      F(
        [260, 0, 129, 9], heads: 6, features: 300, dropout: halfDrop, prefix: 200,
        afterDropout: true),
      F(mixed, heads: 5, features: 12, dropout: drop, isTraced: false),
      F(mixed, heads: 3, features: 20, mask: [1, 0, 1], dropout: drop, inert: 37),
      F([9, 0], heads: 2, features: 300, norm: .coefficient, inert: 1),
    ]
    let sentences = (0..<32).map { 13 + ($0 * 7) % 27 }
    let realistic = [
      F(sentences, heads: 12, features: 384, dropout: drop),
      F(sentences, heads: 12, features: 384, dropout: drop, norm: .term(jointBatch: false)),
      F([128, 128], heads: 12, features: 768, dropout: drop),
    ]
    return Case.list(small) + Case.list(realistic, realistic: true)
  }()
}
