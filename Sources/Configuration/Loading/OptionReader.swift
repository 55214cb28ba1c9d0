/// Finds the place that decides an option and reads it.
struct OptionReader {
  /// Top mapping of the file, if any.
  let root: YAMLNode?
  /// The file's path, for origins.
  let path: String
  let environment: [String: String]
  let flags: [String: String]

  /// Reads an option from the first place that sets it. A bad value there is reported and not covered up by a lower one.
  func read(_ option: ConfigurationOption, into loaded: inout LoadedConfiguration) {
    guard let (node, origin, written) = place(of: option) else { return }
    do throws(BadValue) {
      try option.slot.read(node, into: &loaded.value)
      loaded.origins[option.name] = origin
      if let newer = option.newerName(for: written) { loaded.note(origin, written, "is an older name of \(newer)") }
    } catch {
      for fault in error.all { loaded.report(.error, origin.moved(toLine: fault.line), written, fault.message) }
    }
  }

  /// The value that decides, where it stands, and the name it was written under.
  private func place(of option: ConfigurationOption) -> (YAMLNode, ConfigurationOrigin, String)? {
    if let flag = option.flag, let text = flags[flag.name], !Self.isBlank(text) || !option.isEmptyUnset {
      return (Self.text(text), .flag(flag.name), flag.name)
    }
    for source in option.sources {
      switch source {
      case .variable(let name):
        // Empty is unset here for every option: images and service files declare variables that they leave empty.
        if let text = environment[name], !Self.isBlank(text) { return (Self.text(text), .variable(name), name) }
      case .key(let key):
        guard let entry = root?.entry(at: key.split(separator: ".").map(String.init)), !entry.value.isNull,
          !option.isEmptyUnset || !Self.isBlank(entry.value)
        else { continue }
        return (entry.value, .file(path: path, line: entry.line), key)
      }
    }
    return nil
  }

  private static func isBlank(_ text: String) -> Bool { text.allSatisfy(\.isWhitespace) }

  private static func isBlank(_ node: YAMLNode) -> Bool {
    if case .scalar(let text, _) = node.content { isBlank(text) } else { false }
  }

  private static func text(_ text: String) -> YAMLNode { YAMLNode(.scalar(text, isPlain: false), line: 1) }
}
