/// A declaration that other targets see, as far as a line shows it.
struct Declaration {
  enum Kind { case type, function, property }

  let kind: Kind
  let name: String

  /// Reads the declaration that begins on a line; `nil` when none does that others see.
  init?(_ line: String) {
    let pattern =
      /^\s*(?:@\w+(?:\([^)]*\))?\s+)*(?:package|public)\s+(?:(?:static|mutating|final|indirect|convenience|private\(set\)|nonisolated)\s+)*(?<kind>struct|class|enum|actor|protocol|typealias|func|var|let)\s+(?<name>[^\s(:<={]+)/
    guard let match = line.prefixMatch(of: pattern) else { return nil }
    switch match.kind {
    case "func": kind = .function
    case "var", "let": kind = .property
    default: kind = .type
    }
    name = String(match.name)
  }

  /// What protocols of the standard library ask for; its meaning is said there.
  private static let ofTheLibrary: Set = [
    "description", "debugDescription", "customMirror", "rawValue", "hash", "next", "==", "<",
  ]

  /// What protocols of this repository ask for: explained with the protocol, not again with each type that conforms.
  static func requirements(in files: [SourceFile]) -> Set<String> {
    var names = ofTheLibrary
    for file in files {
      var indent: Substring?
      for line in file.code {
        if let opening = indent {
          if line == opening + "}" { indent = nil }
          if let match = line.prefixMatch(of: /\s*(?:static\s+|mutating\s+)*(?:func|var)\s+([^\s(:<={]+)/) {
            names.insert(String(match.1))
          }
        } else if line.contains("protocol "), line.hasSuffix("{"),
          line.contains(/^\s*(?:(?:package|public|private|fileprivate)\s+)?protocol\s/)
        {
          indent = line.prefix { $0 == " " }
        }
      }
    }
    return names
  }

  /// Whether the declaration on line `index` is explained: by a comment of its own, or, for a property, by the comment
  /// over the unbroken run of properties that it stands in, which may be that of the type it opens.
  func isDocumented(in file: SourceFile, at index: Int) -> Bool {
    var above = file.lines[..<index].map { $0.drop { $0 == " " } }
    while let line = above.popLast() {
      if line.hasPrefix("///") { return true }
      if Self.isAttribute(line) { continue }
      guard kind == .property, !line.isEmpty else { return false }
      if line.hasPrefix("//") || Self.isProperty(line) { continue }
      guard line.hasSuffix("{"), line.contains(/\b(struct|class|enum|protocol|extension)\s/) else { return false }
      while let attribute = above.last, Self.isAttribute(attribute) { above.removeLast() }
      return above.last?.hasPrefix("///") ?? false
    }
    return false
  }

  /// A line with nothing but attributes.
  private static func isAttribute(_ line: Substring) -> Bool {
    line.wholeMatch(of: /(@\w+(\([^)]*\))?\s*)+/) != nil
  }

  private static func isProperty(_ line: Substring) -> Bool {
    line.prefixMatch(of: /((@\w+|package|public|private|static|nonisolated|(private|internal)\(set\)) )*(var|let)\s/)
      != nil
  }
}
