/// The lines of a file in INI form, as the Datadog agent's version 5 had: sections in brackets, and keys with values.
struct INIDocument: Sendable {
  /// A key and its value, with where they stand.
  struct Entry: Sendable {
    /// As written, without the brackets; `Main` in front of the first one.
    let section: String
    /// The line of the section's name, counted from 1; 0 in front of the first one.
    let sectionLine: Int
    let key: String
    /// Without quotes around it and without a comment behind it.
    let value: String
    /// The line of the file, counted from 1.
    let line: Int
  }

  /// Most keys that are read: a configuration has dozens.
  static let entriesMax = 2_000

  private(set) var entries: [Entry] = []
  /// Where the first key stands that is one too many; nil when there is none.
  private(set) var lineOfFirstUnread: Int?
  /// Lines that are neither a section nor a key, counted from 1.
  private(set) var otherLines: [Int] = []

  /// Reads UTF-8; of `=` and `:` the first one ends a key.
  init(_ bytes: [UInt8]) {
    var (section, sectionLine) = ("Main", 0)
    let text = String(decoding: Self.withoutMark(bytes), as: UTF8.self)
    for (index, raw) in text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline).enumerated() {
      let line = ListText.trimmed(raw)
      if line.isEmpty || Self.isComment(line) { continue }
      if line.hasPrefix("["), let end = line.firstIndex(of: "]") {
        section = String(ListText.trimmed(line[line.index(after: line.startIndex)..<end]))
        sectionLine = index + 1
      } else if let split = line.firstIndex(where: { $0 == "=" || $0 == ":" }), split > line.startIndex {
        guard entries.count < Self.entriesMax else {
          lineOfFirstUnread = index + 1
          return
        }
        let value = Self.value(line[line.index(after: split)...])
        entries.append(
          Entry(
            section: section, sectionLine: sectionLine, key: String(ListText.trimmed(line[..<split])), value: value,
            line: index + 1))
      } else {
        otherLines.append(index + 1)
      }
    }
  }

  /// Whether a text is of this form, by its first line that is no comment: it names a section or, where the file is named
  /// like such files, is a key with `=`, which YAML has not.
  static func isLikely(_ bytes: [UInt8], isNamedSo: Bool) -> Bool {
    for raw in withoutMark(bytes).split(separator: UInt8(ascii: "\n"), maxSplits: 1_000) {
      let text = String(decoding: raw.prefix(1_000), as: UTF8.self)
      let line = ListText.trimmed(text[...])
      if line.isEmpty || isComment(line) { continue }
      if line.hasPrefix("["), let end = line.firstIndex(of: "]") {
        let rest = ListText.trimmed(line[line.index(after: end)...])
        return !line[..<end].contains(",") && (rest.isEmpty || isComment(rest))
      }
      return isNamedSo && line.firstIndex { $0 == "=" || $0 == ":" }.map { line[$0] == "=" } == true
    }
    return false
  }

  /// Without the mark that editors put in front of UTF-8.
  private static func withoutMark(_ bytes: [UInt8]) -> ArraySlice<UInt8> {
    bytes.starts(with: [0xef, 0xbb, 0xbf]) ? bytes.dropFirst(3) : bytes[...]
  }

  private static func isComment(_ line: Substring) -> Bool { line.hasPrefix("#") || line.hasPrefix(";") }

  private static func value(_ text: Substring) -> String {
    let bare = ListText.trimmed(text)
    if let quote = bare.first, quote == "\"" || quote == "'", let end = bare.dropFirst().firstIndex(of: quote),
      ListText.trimmed(bare[bare.index(after: end)...]).isEmpty
    {
      return String(bare[bare.index(after: bare.startIndex)..<end])
    }
    // A comment behind a value has white space in front of its mark.
    var previous: Character = " "
    for index in bare.indices {
      if (bare[index] == "#" || bare[index] == ";") && previous.isWhitespace {
        return String(ListText.trimmed(bare[..<index]))
      }
      previous = bare[index]
    }
    return String(bare)
  }
}
