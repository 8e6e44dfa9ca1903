import Testing
import Training

@Suite struct `A confusion matrix` {
  @Test func `counts labels by row and predictions by column`() {
    var confusion = ConfusionMatrix(classCount: 3)
    for (label, prediction) in [(0, 0), (0, 2), (1, 1), (2, 1), (2, 2), (2, 2)] {
      confusion.record(label: label, prediction: prediction)
    }
    #expect(confusion.counts == [[1, 0, 1], [0, 1, 0], [0, 1, 2]])
    #expect(confusion.total == 6)
    #expect(confusion.accuracy == 4 / 6.0)
  }

  @Test func `gives the share of other classes that are taken for the target`() {
    let confusion = ConfusionMatrix(counts: [[10, 30, 0], [5, 7, 1], [2, 3, 15]])
    // Of 40 + 20 texts that are not of class 1, 30 + 3 are taken for it.
    #expect(confusion.labelFlipRate(target: 1) == 33 / 60.0)
    // Of 13 + 20 that are not of class 0, 5 + 2.
    #expect(confusion.labelFlipRate(target: 0) == 7 / 33.0)
  }

  @Test func `has no rate where nothing was counted`() {
    let empty = ConfusionMatrix(classCount: 2)
    #expect(empty.accuracy == nil)
    #expect(empty.labelFlipRate(target: 1) == nil)
    // Texts of the target class alone cannot be flipped.
    #expect(ConfusionMatrix(counts: [[0, 0], [3, 4]]).labelFlipRate(target: 1) == nil)
    #expect(ConfusionMatrix(counts: [[0, 0], [3, 4]]).accuracy == 4 / 7.0)
  }
}

@Suite struct `A prediction` {
  @Test func `is the class with the largest logit`() {
    #expect(predictedClass([0.5, -1, 2, 1]) == 2)
    #expect(predictedClass([-3, -2]) == 1)
  }

  @Test func `is the lowest of equals`() {
    #expect(predictedClass([1, 3, 3]) == 1)
  }

  @Test func `is never a class whose logit is not a number`() {
    #expect(predictedClass([.nan, 1, 2]) == 2)
    #expect(predictedClass([1, .nan, 0]) == 0)
    #expect(predictedClass([-Float.infinity, .nan, -5]) == 2)
  }
}
