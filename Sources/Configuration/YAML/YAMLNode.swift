/// One value of a parsed document, with where it stands.
///
/// Nodes are values: an alias shares the storage of the node it names, so an expanded alias costs no memory. `size` says
/// how many nodes a walk would meet, aliases expanded.
struct YAMLNode: Sendable, Equatable {
  /// What the node holds. Mappings keep the order of the file.
  enum Content: Sendable, Equatable {
    /// The text as written, escapes resolved. `isPlain` is false for quoted and block scalars, which are always texts.
    case scalar(String, isPlain: Bool)
    case sequence([YAMLNode])
    case mapping([YAMLEntry])
  }

  let content: Content
  /// The line of the file that the node begins on, counted from 1.
  let line: Int
  let size: Int

  init(_ content: Content, line: Int) {
    self.content = content
    self.line = line
    switch content {
    case .scalar: size = 1
    case .sequence(let nodes): size = nodes.reduce(1) { $0 &+ $1.size }
    case .mapping(let entries): size = entries.reduce(1) { $0 &+ $1.value.size &+ 1 }
    }
  }

  /// True for `~`, `null` and nothing at all: the key is there, its value is not, and it counts as not set.
  var isNull: Bool {
    guard case .scalar(let text, isPlain: true) = content else { return false }
    return ["", "~", "null", "Null", "NULL"].contains(text)
  }

  /// False, zero or empty: what turns a feature off, or leaves it as it is without the key.
  var isOff: Bool {
    switch content {
    case .scalar(let text, let isPlain): Self.isOff(text, isPlainYAML: isPlain)
    case .sequence(let nodes): nodes.isEmpty
    case .mapping(let entries): entries.isEmpty
    }
  }

  /// The same of the text of a variable, where a list or a mapping is JSON.
  static func isOff(_ text: String, isPlainYAML: Bool = false) -> Bool {
    let bare = text.filter { !$0.isWhitespace }
    return ["", "[]", "{}"].contains(bare) || ScalarText.boolean(bare, isPlainYAML: isPlainYAML) == false
      || ScalarText.number(bare) == 0
  }

  /// The entry at the end of a path of lower-case names, or nil when a name is missing or a value on the way is no
  /// mapping.
  func entry(at path: some Collection<String>) -> YAMLEntry? {
    guard let first = path.first, case .mapping(let entries) = content,
      let found = entries.first(where: { $0.name == first })
    else { return nil }
    return path.count == 1 ? found : found.value.entry(at: path.dropFirst())
  }
}

/// A key of a mapping and its value.
struct YAMLEntry: Sendable, Equatable {
  /// The key in lower case: configuration keys are read without regard to case.
  let name: String
  /// The line of the key, counted from 1: the line a message points at.
  let line: Int
  let value: YAMLNode
}

/// A key that a mapping has already.
struct YAMLRepeatedKey: Sendable, Equatable {
  /// The key as it is written.
  let name: String
  /// The line on which it stands again, counted from 1.
  let line: Int
  /// The line on which the mapping had the key before, counted from 1.
  let firstLine: Int
}
