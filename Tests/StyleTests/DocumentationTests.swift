import Foundation
import Testing

@Suite struct `The documentation` {
  /// Four words repeat the name; what a reader misses, the unit, the range, the meaning, takes more.
  private static let wordsMin = 5

  @Test func `says more of a declaration than its name`() throws {
    let findings = try SourceFile.all().filter(\.isSource).flatMap { file in
      Self.comments(of: file).filter { $0.text.split(separator: " ").count < Self.wordsMin }.map {
        "\(file.place($0.line)): \($0.text)"
      }
    }
    #expect(findings == [])
  }

  /// The runs of documentation lines of a file, each as one text with the index of its first line.
  private static func comments(of file: SourceFile) -> [(line: Int, text: String)] {
    var found: [(line: Int, text: String)] = []
    var isInside = false
    for (index, line) in file.lines.enumerated() {
      let bare = line.drop { $0 == " " }
      if bare.hasPrefix("///") {
        if !isInside { found.append((index, "")) }
        found[found.count - 1].text += bare.dropFirst(3) + " "
      }
      isInside = bare.hasPrefix("///")
    }
    return found
  }

  @Test func `names only what the sources declare`() throws {
    let names = DocumentedNames(sources: try SourceFile.all().filter(\.isSource))
    let folder = SourceFile.root.appending(path: "docs")
    let pages = try FileManager.default.contentsOfDirectory(atPath: folder.path).filter { $0.hasSuffix(".md") }.sorted()
    try #require(pages.contains("architecture.md"))
    let findings = try pages.flatMap { page in
      let text = try String(contentsOf: folder.appending(path: page), encoding: .utf8)
      return text.components(separatedBy: "\n").enumerated().flatMap { index, line in
        names.unknown(in: line).map { "docs/\(page):\(index + 1): \($0)" }
      }
    }
    #expect(findings == [])
  }

  @Test(
    arguments: [
      ("`SpanBatch` holds it", []), ("`SpanBatch.endOfAll`", ["SpanBatch.endOfAll"]), ("see `notThere`", ["notThere"]),
      ("`SpanBatch+Arrays.swift`", []), ("`SpanBatch+Errays.swift`", ["SpanBatch+Errays.swift"]),
      ("`isKept` and `.topLevel`", []), ("`apm_config.max_payload_size`, `DD_SITE`, `--intake-url`, `_top_level`", []),
      ("`Datadog-Client-Computed-Stats`, `/v0.4/traces`, `roost info`", []),
    ] as [(String, [String])])
  func `is searched for names`(line: String, unknown: [String]) {
    let sources = [
      SourceFile(
        path: "Sources/TraceModel/SpanBatch+Arrays.swift",
        text: "public struct SpanBatch {\n  var isKept = false\n  enum A {\n    case one, topLevel(Int)\n  }\n}")
    ]
    #expect(DocumentedNames(sources: sources).unknown(in: line) == unknown)
  }
}
