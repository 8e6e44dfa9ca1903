#if canImport(Glibc)
  import Glibc
#endif

/// TF-IDF of the terms of texts, a sparse matrix with a row a text and a column a term, as
/// scikit-learn's `TfidfVectorizer` has it by default: how often a term is in the text, times
/// ln((1 + texts) / (1 + texts with the term)) + 1, and each row scaled to length 1.
struct TermWeights {
  /// The term of each column, ascending.
  let terms: [Int32]
  private var offsets = [0]
  private var columns: [Int] = []
  private var values: [Double] = []

  /// - Parameter texts: their terms, in any order.
  init(_ texts: [[Int32]]) {
    let counts = texts.map { text in text.reduce(into: [:]) { $0[$1, default: 0] += 1.0 } }
    var textCounts: [Int32: Int] = [:]
    for count in counts { for term in count.keys { textCounts[term, default: 0] += 1 } }
    terms = textCounts.keys.sorted()
    let places = Dictionary(uniqueKeysWithValues: zip(terms, terms.indices))
    for count in counts {
      let row = count.keys.sorted().map { term in
        let rarity = Double(1 + texts.count) / Double(1 + textCounts[term, default: 0])
        return (
          column: places[term, default: 0], value: count[term, default: 0] * (log(rarity) + 1)
        )
      }
      let length = row.reduce(0) { $0 + $1.value * $1.value }.squareRoot()
      columns += row.map(\.column)
      values += row.map { $0.value / length }
      offsets.append(columns.count)
    }
  }

  /// Texts.
  var rowCount: Int { offsets.count - 1 }

  /// A sum over each row, weighted by column.
  func rowSums(weightedBy weights: [Double]) -> [Double] {
    (0..<rowCount).map { row in
      (offsets[row]..<offsets[row + 1]).reduce(0) { $0 + values[$1] * weights[columns[$1]] }
    }
  }

  /// A sum over each column, weighted by row.
  func columnSums(weightedBy weights: [Double]) -> [Double] {
    var sums = [Double](repeating: 0, count: terms.count)
    for row in 0..<rowCount {
      for place in offsets[row]..<offsets[row + 1] {
        sums[columns[place]] += values[place] * weights[row]
      }
    }
    return sums
  }
}
