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
      for line in file.code {
        for match in line.matches(of: /\b(?:struct|class|enum|actor|protocol|typealias|func|var|let)\s+(\w+)/) {
          names.insert(String(match.1))
        }
        guard let cases = line.prefixMatch(of: /\s*(?:indirect\s+)?case\s+(?<list>[^:]*)/) else { continue }
        names.formUnion(cases.list.matches(of: /\w+/).map { String($0.output) })
      }
    }
    declared = names
    files = Set(sources.compactMap { $0.path.split(separator: "/").last.map(String.init) })
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
