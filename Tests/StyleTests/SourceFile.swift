import Foundation

/// One Swift file of this repository, as a style rule looks at it.
struct SourceFile: Sendable {
  /// From the top of the repository: `Sources/Decoding/TracesV04.swift`.
  let path: String
  let lines: [String]
  /// The lines without comments and texts, so that words in those do not count as code.
  let code: [String]

  init(path: String, text: String) {
    self.path = path
    lines = text.components(separatedBy: "\n")
    var isInText = false
    code = lines.map { Self.code(of: $0, isInText: &isInText) }
  }

  /// The folder under `Sources` or `Tests`.
  var target: String { path.split(separator: "/").dropFirst().first.map(String.init) ?? "" }

  var isSource: Bool { path.hasPrefix("Sources/") }

  /// Lines of code that hold one of these words; a quick look before the slow one of a regular expression.
  func lines(with words: [String]) -> [Int] {
    code.indices.filter { index in
      code[index].withCString { line in words.contains { strstr(line, $0) != nil } }
    }
  }

  /// What a finding is called.
  func place(_ index: Int) -> String { "\(path):\(index + 1)" }

  /// All Swift files under `Sources` and `Tests`, in order; read once.
  static func all() throws -> [SourceFile] { try tree.get() }

  private static let tree = Result { try read() }

  private static func read() throws -> [SourceFile] {
    try ["Sources", "Tests"].flatMap { folder in
      let paths = try FileManager.default.subpathsOfDirectory(atPath: root.appending(path: folder).path)
      return try paths.filter { $0.hasSuffix(".swift") && !$0.contains(".build/") }.sorted().map { path in
        let full = "\(folder)/\(path)"
        return SourceFile(path: full, text: try String(contentsOf: root.appending(path: full), encoding: .utf8))
      }
    }
  }

  /// The top of the repository.
  static let root = URL(filePath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

  /// A line without its comment and with every text emptied. Good enough for the Swift that is written here: comments
  /// are those of two slashes, and texts of several lines have their quotes on lines of their own.
  private static func code(of line: String, isInText: inout Bool) -> String {
    if line.contains("\"\"\"") {
      isInText.toggle()
      return ""
    }
    if isInText { return "" }
    var result: [UInt8] = []
    var rest = line.utf8[...]
    while let next = rest.popFirst() {
      if next == UInt8(ascii: "/"), rest.first == next { break }
      result.append(next)
      if next == UInt8(ascii: "#"), rest.first == UInt8(ascii: "\"") {
        skipRawText(&rest)
        continue
      }
      guard next == UInt8(ascii: "\"") else { continue }
      skipText(&rest)
      result.append(next)
    }
    return String(decoding: result, as: UTF8.self)
  }

  /// Takes a text in number signs, from its opening quote to its closing sign.
  private static func skipRawText(_ rest: inout Substring.UTF8View) {
    var last = rest.popFirst()
    while let next = rest.popFirst() {
      if last == UInt8(ascii: "\""), next == UInt8(ascii: "#") { return }
      last = next
    }
  }

  /// Takes the rest of a text with its closing quote, texts inside of interpolations included.
  private static func skipText(_ rest: inout Substring.UTF8View) {
    var depth = 0
    while let next = rest.popFirst() {
      switch next {
      case UInt8(ascii: "\\"): if rest.popFirst() == UInt8(ascii: "(") { depth += 1 }
      case UInt8(ascii: "(") where depth > 0: depth += 1
      case UInt8(ascii: ")") where depth > 0: depth -= 1
      case UInt8(ascii: "\"") where depth == 0: return
      case UInt8(ascii: "\""): skipText(&rest)
      default: break
      }
    }
  }
}
