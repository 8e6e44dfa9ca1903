/// What is wrong with a file or an argument that came from outside, in one sentence.
///
/// Every module throws this type for the world's mistakes; a programmer's mistakes trap. Names and
/// texts taken from a hostile file may be put into any part: `description` makes them harmless.
public struct InputError: Error, Equatable, Sendable, CustomStringConvertible {
  /// What the command answers with: its exit code depends on nothing else.
  public enum Kind: Equatable, Sendable {
    /// A wrong argument, option or plan (exit code 2).
    case usage
    /// A file that is missing, unreadable, malformed or at odds with another (exit code 2).
    case data
    /// Input that is refused because reading it could run somebody's code (exit code 3).
    case unsafeInput
    /// A file that the machine has no memory for (exit code 4).
    case memory
  }

  /// Where in the file.
  public enum Place: Equatable, Sendable {
    /// A line, counted from 1.
    case line(Int)
    /// A byte offset, counted from 0.
    case byte(Int)
    /// A tensor, by its name in the file.
    case tensor(String)
    /// A key, written as a path such as `model.vocab` or `id2label["0"]`.
    case key(String)
    /// A spot in malformed JSON; the path is empty at the outermost value.
    case json(path: String, line: Int, byte: Int)
  }

  /// What the command answers with.
  public var kind: Kind
  /// The path of the file or directory, if there is one.
  public var file: String?
  /// Where in the file, if that is known.
  public var place: Place?
  /// What is wrong, without a full stop: "is not valid UTF-8".
  public var problem: String
  /// What the reader can do about it, without a full stop; empty when there is nothing to say.
  public var remedy: String

  /// An error that says what is wrong, where, and what to do about it.
  public init(
    _ kind: Kind = .data, file: String? = nil, place: Place? = nil, problem: String,
    remedy: String = ""
  ) {
    self.kind = kind
    self.file = file
    self.place = place
    self.problem = problem
    self.remedy = remedy
  }

  /// File, place, problem and remedy as one line of printable text.
  public var description: String {
    let location = [file, place?.description].compactMap { $0 }.filter { !$0.isEmpty }
      .joined(separator: ", ")
    let sentence =
      (location.isEmpty ? "" : location + ": ") + problem + (remedy.isEmpty ? "" : "; " + remedy)
    return Terminal.escaped(sentence)
  }
}

extension InputError.Place: CustomStringConvertible {
  /// The place as it stands in a sentence, with hostile names cut to a readable length.
  public var description: String {
    switch self {
    case .line(let line): "line \(line)"
    case .byte(let offset): "byte \(offset)"
    case .tensor(let name): "tensor \(Terminal.abbreviated(name))"
    case .key(let path): Terminal.abbreviated(path)
    case .json(let path, let line, let byte):
      (path.isEmpty ? "" : Terminal.abbreviated(path) + ", ") + "line \(line), byte \(byte)"
    }
  }
}
