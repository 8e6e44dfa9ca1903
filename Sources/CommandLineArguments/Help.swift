extension CommandLineProgram {
  /// The program's help: what it is for and what each command does.
  public func help(width: Int) -> String {
    var text = wrapped(summary, indent: 0, width: usable(width)) + "\n\n"
    text += "Usage: \(name) COMMAND [OPTIONS]\n\nCommands:\n"
    text += list(commands.map { ($0.name, $0.summary) }, width: usable(width))
    let hint =
      "`\(name) COMMAND --help` explains a command; `\(name) --version` prints the version."
    return text + "\n\(hint)\n"
  }

  /// The help of one command, with defaults, choices and environment variables.
  public func help(for command: Command, width: Int) -> String {
    let required = command.options.filter { $0.fallback == .required }.map(\.signature)
    let words = [name, command.name] + command.operands.map(\.name) + required + ["[OPTIONS]"]
    var text = wrapped(command.summary, indent: 0, width: usable(width)) + "\n\n"
    let usage = wrapped(words.joined(separator: " "), indent: 7, width: usable(width))
    text += "Usage: " + usage + "\n"
    if !command.discussion.isEmpty {
      text += "\n" + wrapped(command.discussion, indent: 0, width: usable(width)) + "\n"
    }
    if !command.operands.isEmpty {
      text += "\nArguments:\n"
      text += list(command.operands.map { ($0.name, $0.help) }, width: usable(width))
    }
    let options = command.options.map { ($0.signature, explanation(of: $0)) }
    text += "\nOptions:\n" + list(options + [("--help", "Show this text.")], width: usable(width))
    return text
  }

  private func explanation(of option: Option) -> String {
    var notes: [String] = []
    switch option.fallback {
    case .required: notes.append("required")
    case .value(let text): notes.append("default: \(text)")
    case .none: break
    }
    if case .list(_, let splits) = option.value {
      notes.append(splits ? "repeatable; a comma within a value: 'cf,\"one, two\"'" : "repeatable")
    }
    if let variable = option.environmentName { notes.append("or \(variable)") }
    return option.help + (notes.isEmpty ? "" : " [\(notes.joined(separator: "; "))]")
  }

  // Lines longer than 100 columns are hard to read, and below 60 the two columns do not fit.
  private func usable(_ width: Int) -> Int { min(100, max(60, width)) }

  private func list(_ items: [(term: String, help: String)], width: Int) -> String {
    let column = min(28, items.map(\.term.count).max() ?? 0) + 4
    return items.map { item in
      let start = "  " + item.term
      let gap =
        start.count + 2 <= column
        ? String(repeating: " ", count: column - start.count)
        : "\n" + String(repeating: " ", count: column)
      return start + gap + wrapped(item.help, indent: column, width: width) + "\n"
    }.joined()
  }

  /// Breaks at blanks so that no line passes `width`; every line but the first is indented.
  private func wrapped(_ text: String, indent: Int, width: Int) -> String {
    var lines: [String] = [""]
    for word in text.split(separator: " ") {
      let line = lines[lines.count - 1]
      if line.isEmpty {
        lines[lines.count - 1] = String(word)
      } else if indent + line.count + 1 + word.count <= width {
        lines[lines.count - 1] += " " + word
      } else {
        lines.append(String(word))
      }
    }
    return lines.joined(separator: "\n" + String(repeating: " ", count: indent))
  }
}
