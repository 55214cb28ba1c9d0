import Foundation

/// The names of code that a page of documentation mentions, and whether the sources have them.
struct DocumentedNames {
  /// Every name that a source declares, the names of cases and of targets included.
  private let declared: Set<String>
  /// Fields of Kubernetes that advice speaks of.
  private static let foreign: Set = ["hostPort", "status.hostIP"]
  /// The names of the Swift files: `SpanBatch+Arrays.swift`.
  private let files: Set<String>

  init(sources: [SourceFile]) {
    var names = Set(sources.map(\.target))
    for file in sources {
      for line in file.code { Self.addDeclared(in: line, to: &names) }
    }
    declared = names
    files = Set(sources.compactMap { $0.path.split(separator: "/").last.map(String.init) })
  }

  private static let keywords: Set = [
    "struct", "class", "enum", "actor", "protocol", "typealias", "func", "var", "let",
  ]

  /// Adds the name behind each keyword, and the names of cases. Word by word: a regular expression over all lines takes
  /// minutes under a sanitizer.
  private static func addDeclared(in line: String, to names: inout Set<String>) {
    let words = Self.words(of: line.utf8)
    for (word, next) in zip(words, words.dropFirst()) where keywords.contains(word) { names.insert(next) }
    guard words.first == "case" || (words.first == "indirect" && words.dropFirst().first == "case") else { return }
    names.formUnion(Self.words(of: line.utf8.prefix { $0 != UInt8(ascii: ":") }))
  }

  private static func words(of text: some Collection<UInt8>) -> [String] {
    text.split { byte in
      let letter = (byte | 0x20) &- UInt8(ascii: "a")
      return letter >= 26 && byte &- UInt8(ascii: "0") >= 10 && byte != UInt8(ascii: "_")
    }.map { String(decoding: $0, as: UTF8.self) }
  }

  /// The names in backticks on a line that look like a name of this code and that no source declares.
  func unknown(in line: String) -> [String] {
    line.matches(of: /`([^`]+)`/).map { String($0.1) }.filter { text in
      if text.hasSuffix(".swift") { return !files.contains(String(text.split(separator: "/").last ?? "")) }
      guard Self.isName(text), !Self.foreign.contains(text) else { return false }
      return !text.split(separator: ".").allSatisfy { declared.contains(String($0)) }
    }
  }

  /// `SpanBatch`, `Processor.process`, `isKept`: words of mixed case, joined by dots. Settings, headers, attributes and
  /// paths have other signs in them.
  private static func isName(_ text: String) -> Bool {
    guard text.wholeMatch(of: /[A-Za-z]\w*(\.[A-Za-z]\w*)*/) != nil, !text.contains("_") else { return false }
    return text.split(separator: ".").contains { part in
      part.contains(where: \.isLowercase) && part.contains(where: \.isUppercase)
    }
  }
}
