import TestSupport
import Testing

@testable import Files

/// In place, as holders do it.
private func write(_ mark: Lease.Mark, to path: String) throws {
  if !Path.exists(path) { try AtomicFile.write([], to: path) }
  let file = try System.openForUpdating(path)
  defer { System.close(file) }
  try System.overwrite(file, with: mark.bytes)
}

@Suite struct `A place that is written` {
  private let scratch: Scratch
  private let path: String
  private let leasePath: String

  init() throws {
    scratch = try Scratch()
    (path, leasePath) = (scratch.file("out"), scratch.file(".out.lease"))
  }

  /// Leaves what a holder leaves that has no lock here.
  private func leave(_ mark: Lease.Mark) throws { try write(mark, to: leasePath) }

  /// Of another host, whose locks do not reach here.
  private let stranger = Lease.Mark(kernel: "another")

  @Test func `has one holder at a time, and nothing is left of him`() throws {
    var first: Place? = try Place(path)
    #expect(try scratch.names() == [".out.lease"])
    #expect(try Place(ifFree: path) == nil)
    let error = #expect(throws: InputError.self) { try Place(path) }
    #expect(error?.kind == .usage && error?.problem == "is being written by another run")
    try first?.requireHeld()
    first = nil
    #expect(try scratch.names() == [])
    first = try Place(path)
    try first?.requireHeld()
  }

  @Test func `is free at once where its holder died on this machine`() throws {
    try leave(Lease.Mark())
    try Path.makeDirectory(scratch.file(".out.partial-1/folder"))
    try scratch.write("", to: ".other.partial-1")
    let place = try Place(ifFree: path, patience: nil)
    #expect(place != nil)
    #expect(try scratch.names() == [".other.partial-1", ".out.lease"])
  }

  @Test func `is a stranger's while his mark changes, whatever the clocks say`() throws {
    var mark = stranger
    try leave(mark)
    let place = try Place(
      ifFree: path,
      isCancelled: {
        mark.renewalCount += 1
        try? leave(mark)
        return false
      })
    #expect(place == nil)
    #expect(try ByteFile.contents(of: leasePath) == mark.bytes)
  }

  @Test func `is a stranger's until he was silent for a while`() throws {
    try leave(stranger)
    try scratch.write("half", to: ".out.partial-1")
    #expect(try Place(ifFree: path, patience: nil) == nil)
    #expect(try Place(ifFree: path, isCancelled: { true }) == nil)
    #expect(try scratch.names() == [".out.lease", ".out.partial-1"])
    let place = try Place(ifFree: path, patience: .milliseconds(300))
    try #require(place).requireHeld()
    #expect(try scratch.names() == [".out.lease"])
  }

  @Test func `goes to the last of two who take it from the dead`() throws {
    try leave(stranger)
    let rival = Lease.Mark(kernel: "third")
    let place = try Place(
      ifFree: path, patience: .milliseconds(100),
      isCancelled: {
        if (try? ByteFile.contents(of: leasePath)) != stranger.bytes { try? leave(rival) }
        return false
      })
    #expect(place == nil)
    #expect(try ByteFile.contents(of: leasePath) == rival.bytes)
  }

  @Test func `is not taken from one who is about to say so`() throws {
    try scratch.write("", to: ".out.lease")
    #expect(try Place(ifFree: path, patience: nil) == nil)
    #expect(try Place(ifFree: path, patience: .milliseconds(100)) != nil)
  }

  @Test func `is known to be lost by its holder, who leaves it to the next`() throws {
    do {
      let place = try Place(path)
      try leave(stranger)
      let error = #expect(throws: InputError.self) { try place.requireHeld() }
      #expect(error?.problem.contains("taken by another run") == true)
    }
    #expect(try ByteFile.contents(of: leasePath) == stranger.bytes)
    try Path.remove(leasePath)
    let place = try Place(path)
    try Path.remove(leasePath)
    #expect(throws: InputError.self) { try place.requireHeld() }
  }

  @Test func `shows that its holder lives`() throws {
    let place = try Place(path)
    let first = try ByteFile.contents(of: leasePath)
    let end = ContinuousClock.now + .seconds(60)
    while try ByteFile.contents(of: leasePath) == first, ContinuousClock.now < end { Place.pause() }
    let mark = try #require(Lease.Mark(ByteFile.contents(of: leasePath)))
    #expect(mark.renewalCount > 0 && mark.owner == Lease.Mark(first)?.owner)
    try place.requireHeld()
  }

  @Test func `is tidied up where nobody can be alive`() throws {
    try leave(stranger)
    let held = try Place(scratch.file("held"))
    try withExtendedLifetime(held) {
      for name in ["out", "held", "gone", ".hidden"] {
        try scratch.write("", to: ".\(name).partial-1")
      }
      try write(Lease.Mark(), to: scratch.file(".dead.lease"))
      try scratch.write("", to: ".partial-1")
      try Place.removeAbandoned(in: scratch.path)
      #expect(
        try scratch.names() == [
          ".held.lease", ".held.partial-1", ".out.lease", ".out.partial-1", ".partial-1",
        ])
    }
  }

  @Test func `is refused where nothing can be written`() throws {
    let error = #expect(throws: InputError.self) { try Place(scratch.file("none/out")) }
    #expect(error?.file == scratch.file("none/out"))
    #expect(error?.problem == "cannot be created: there is no such folder")
    let full = #expect(throws: InputError.self) {
      try FaultInjection.$failure.withValue({ $0 == .write ? 28 : nil }) { _ = try Place(path) }
    }
    #expect(full?.problem == "cannot be created: the disk is full")
    #expect(try scratch.names() == [])
  }
}
