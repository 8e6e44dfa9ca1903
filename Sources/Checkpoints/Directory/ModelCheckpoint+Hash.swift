public import Files

extension ModelCheckpoint {
  /// SHA-256 of what in a directory can matter to a model: the names and contents of its
  /// configuration, tokenizer and weight files.
  ///
  /// - Throws: `InputError` when there is none, or one is unreadable.
  public static func contentHash(ofDirectory directory: String) throws(InputError) -> String {
    try LinkedFiles.refuseForeign(in: directory)
    var listing = JSONObject()
    for name in try Path.names(in: directory) where matters(name) {
      let path = Path.join(directory, name)
      if Path.isFile(path) { listing[name] = .string(try SHA256.hex(ofFile: path)) }
    }
    guard listing.count > 0 else {
      throw InputError(
        file: directory, problem: "has no model in it",
        remedy: "name a Hugging Face directory with config.json and safetensors")
    }
    return SHA256.hex(of: JSONValue.object(listing).serialized(.canonical))
  }

  private static func matters(_ name: String) -> Bool {
    !name.hasPrefix(".")
      && [".json", ".txt", ".safetensors"].contains { name.hasSuffix($0) }
  }
}
