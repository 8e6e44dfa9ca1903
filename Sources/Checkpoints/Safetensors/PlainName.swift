/// Names from a hostile file that are taken as they are: letters, digits, `_`, `.` and `-`.
enum PlainName {
  static func holds(_ name: String) -> Bool { name.utf8.count <= 255 && isPlain(name.utf8[...]) }

  /// Plain names between single slashes, of which none is dots alone: nothing that climbs out of a folder.
  static func holdsEachPart(_ name: String) -> Bool {
    name.utf8.count <= 255
      && name.utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
        .allSatisfy { isPlain($0) && $0.contains { $0 != UInt8(ascii: ".") } }
  }

  private static func isPlain(_ name: Substring.UTF8View) -> Bool {
    !name.isEmpty
      && name.allSatisfy { byte in
        byte == UInt8(ascii: "_") || byte == UInt8(ascii: ".") || byte == UInt8(ascii: "-")
          || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
          || (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20)
      }
  }
}
