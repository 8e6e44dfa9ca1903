import Files

/// Where the real texts and models are kept, beside the package, if they are.
let sharedTexts = Path.join(
  Path.parent(of: Path.parent(of: Path.parent(of: #filePath))), "../shared/data")
