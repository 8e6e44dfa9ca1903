import Testing

/// The emulator is a checker, so that it is checked first: each planted kernel has one fault.
@Suite struct EmulatorTests {
  private static let kinds = [
    "planted_missingBarrier": ["race", "initialization"],
    "planted_missingWarpBarrier": ["race"],
    "planted_divergentBarrier": ["synchronization"],
    "planted_returnBeforeBarrier": ["synchronization"],
    "planted_storeBehindTheEnd": ["memory"],
    "planted_loadBeforeTheBeginning": ["memory"],
    "planted_storeBehindSharedMemory": ["memory"],
    "planted_unwrittenSharedMemory": ["initialization"],
    "planted_raceOfBlocks": ["race"],
    "planted_raceOfBlocksThatArrive": ["race"],
    "planted_misalignedLoad": ["memory"],
    "planted_shuffleWithoutItsLanes": ["synchronization"],
  ].merging(
    ["exchangedRows", "exchangedTerms", "exchangedColumns", "wrongOrder"].flatMap { fault in
      ["tf32", "bf16"].map { ("plantedFragments_\(fault)_\($0)", ["fragments"]) }
    }, uniquingKeysWith: { first, _ in first })
  private static let right: Set = [
    "planted_correct", "planted_joinedBlocks", "plantedFragments_none_tf32",
    "plantedFragments_none_bf16",
  ]

  @Test(arguments: Emulator.plantedNames, [1, 2, 3] as [UInt64])
  func `a planted fault is found and named, and a right kernel passes`(name: String, seed: UInt64) {
    let found = Emulator.run(name, seed: seed)
    guard let kinds = Self.kinds[name] else {
      #expect(Self.right.contains(name))
      #expect(found == nil)
      return
    }
    #expect(kinds.contains { found?.contains("\($0): ") == true }, "\(name): \(found ?? "nothing")")
  }

  @Test func `every planted kernel is expected to be found`() {
    #expect(Set(Emulator.plantedNames) == Set(Self.kinds.keys).union(Self.right))
  }
}
