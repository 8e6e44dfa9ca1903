import Foundation
import Stages
import Testing

@testable import Laboratory

/// As many runs as all of the paper has, on a model of 12 layers with 12 heads.
private func largeReport() throws -> (plan: Plan, html: String) {
  let plan = try makePlan(
    planJSON(
      seeds: "\(Array(1...100))",
      extra: #""tables": [{"id": "all"}, {"id": "wide", "layout": "columns"}],"#))
  var scores: [[Double]] = []
  var pruned: [[Int]] = []
  for layer in 0..<12 {
    scores.append(
      (0..<12).map { (head: Int) -> Double in
        let rank: Int = (7 * layer + 5 * head) % 144
        return 0.0039 / Double(rank + 1)
      })
    pruned.append((0..<12).filter { head in (head + layer).isMultiple(of: 2) })
  }
  let heads = HeadReport(scores: scores, pruned: pruned)
  let records = plan.cells.map { cell in
    record(
      cell, plan, evaluation(accuracy: 900, flips: cell.seed), heads: heads,
      epochs: (1...5).map { EpochSummary(loss: 1 / Double($0), validationAccuracy: 0.9) })
  }
  return (plan, SweepReport(plan, records).html)
}

@Suite struct `A report of six hundred runs` {
  @Test func `is a page of a few megabytes with every run in it`() throws {
    let (plan, html) = try largeReport()
    #expect(plan.cells.count == 600)
    #expect(html.utf8.count < 10_000_000, "\(html.utf8.count) bytes")
    for cell in plan.cells { #expect(html.contains("<b>\(cell.id)</b>")) }
  }

  @Test func `leads from every cell of a table to its runs`() throws {
    let (plan, html) = try largeReport()
    let groups = plan.cells.map(\.group).distinct
    for group in groups {
      // A row of the one table, and accuracy, rate and excess rate in the other.
      let links = html.ranges(of: "href=\"#run:\(group)\"").count
      #expect(links == (group.contains("none") ? 3 : 4), "\(group)")
      #expect(html.ranges(of: "id=\"run:\(group)\"").count == 1)
    }
    let settings = html.ranges(of: "<td>attack.training.epochs</td>").count
    #expect(settings == groups.filter { !$0.contains("none") }.count)
  }
}

@Suite struct `A table of seconds` {
  @Test func `says where they were measured and what is shared`() throws {
    let plan = try makePlan(
      planJSON(
        extra: #""tables": [{"id": "t", "attacks": ["badnets"], "metrics": ["seconds"]}],"#))
    let legend = ResultTable(
      plan, plan.cells.map { record($0, plan, evaluation(accuracy: 900, flips: 10)) }
    ).legend
    #expect(
      legend.contains("Seconds: measured on cpu (AVX-512), 2 threads, fp32; means over seeds."))
    #expect(
      legend.contains(
        "Done once, and counted in full for each that needs it: finetune "
          + "(FT, FTH, Prune-Only, Norm-Only, PURE)."))
    let others = ResultTable(
      plan, plan.cells.map { record($0, plan, evaluation(accuracy: 900, flips: 10)) },
      .everything()
    ).legend
    #expect(!others.contains { $0.hasPrefix("Seconds") })
  }
}
