import Foundation
import Testing

/// Rules of how this code is written, held by reading it. There are no exceptions; a rule that needs one is not a rule.
@Suite struct `The source tree` {
  /// Lines of a file at most.
  private static let linesMax = 400

  @Test func `has files that hold one idea`() throws {
    let long = try SourceFile.all().filter { $0.lines.count - 1 > Self.linesMax }
    #expect(long.map(\.path) == [], "over \(Self.linesMax) lines: look for the second idea")
  }

  @Test func `imports only from targets that stand higher in the package's list`() throws {
    let manifest = try String(contentsOf: SourceFile.root.appending(path: "Package.swift"), encoding: .utf8)
    let order = manifest.matches(of: /(?:module\(|executableTarget\(\s*name:)\s*"(\w+)"/).map { String($0.1) }
    try #require(order.count > 10)
    try expectNone(["import"]) { file, line in
      guard file.isSource, let own = order.firstIndex(of: file.target),
        let match = line.prefixMatch(of: /\s*(?:@\w+\s+)*(?:package\s+|public\s+)?import\s+(?:\w+\s+)?(\w+)/),
        let other = order.firstIndex(of: String(match.1))
      else { return false }
      return other >= own
    }
    let unlisted = Set(try SourceFile.all().filter(\.isSource).map(\.target)).subtracting(order)
    #expect(unlisted.isEmpty, "folders that are no target in the list")
  }

  @Test func `imports only what the package's list gives to its target`() throws {
    let imports = try Self.imports()
    try expectNone(["import"]) { file, line in
      guard file.isSource, let own = imports[file.target],
        let match = line.prefixMatch(of: /\s*(?:@\w+\s+)*(?:package\s+|public\s+)?import\s+(?:\w+\s+)?(\w+)/)
      else { return false }
      let name = String(match.1)
      let isSystem = ["Darwin", "Glibc", "Musl"].contains(name)
      if isSystem { return file.target != "Platform" && !own.contains("Platform") }
      return !own.contains(name) && name != "Synchronization"
    }
  }

  @Test func `judges evidence without touching the machine, its clocks or chance`() throws {
    let imports = try Self.imports()
    var reached: Set<String> = []
    var open = ["Diagnosis"]
    while let target = open.popLast() {
      try #require(imports[target] != nil, "the list does not say what \(target) imports")
      open += (imports[target] ?? []).subtracting(reached)
      reached.formUnion(imports[target] ?? [])
    }
    #expect(reached.isDisjoint(with: ["Platform", "Inspection"]), "\(reached.sorted())")
    try expectNone(["Clock", "andom", "Synchronization", "@_silgen_name", "@_extern"]) { file, line in
      file.isSource && file.target == "Diagnosis"
        && line.contains(/\w*Clock\b|\brandom\(|RandomNumberGenerator|Synchronization|@_silgen_name|@_extern/)
    }
  }

  /// What each target of the package's list may import.
  private static func imports() throws -> [String: Set<String>] {
    let manifest = try String(contentsOf: SourceFile.root.appending(path: "Package.swift"), encoding: .utf8)
    let rows = manifest.matches(of: /module\(\s*"(?<name>\w+)",\s*\[(?<imports>[^\]]*)\]/).map { row in
      (String(row.name), Set(row.imports.matches(of: /"(\w+)"/).map { String($0.1) }))
    }
    try #require(rows.count > 10)
    return Dictionary(rows) { $0.union($1) }
  }

  @Test func `never ends the program or assumes what may not be`() throws {
    try expectNone(["!", "fatal"]) { $1.contains(/\b(try|as)!|\bfatalError\b/) }
    try expectNone(["!"]) { $0.isSource && $1.contains(/[\w)\]]!(?!=)/) }
  }

  @Test func `has nothing left to do written into it`() throws {
    let findings = try SourceFile.all().filter { $0.target != "StyleTests" }.flatMap { file in
      let marks = ["TODO", "FIXME"]
      return file.lines.indices.filter { index in marks.contains { file.lines[index].contains($0) } }.map(file.place)
    }
    #expect(findings == [])
  }

  @Test func `does without Foundation, which costs 8 MB of memory`() throws {
    try expectNone(["Foundation"]) { $0.isSource && $1.contains(/\bimport\s+(\w+\s+)?Foundation/) }
  }

  @Test func `has the system's C library from Platform`() throws {
    try expectNone(["Glibc", "Musl", "Darwin"]) { file, line in
      guard file.path != "Sources/Platform/SystemLibrary.swift" else { return false }
      return line.contains(/canImport\((Glibc|Musl)\)|\bimport\s+(\w+\s+)?(Glibc|Musl|Darwin)\b/)
    }
  }

  @Test func `reads the kernel's folder of processes in one place`() throws {
    let reader = "Sources/Platform/Files/ProcFS.swift"
    let findings = try SourceFile.all().filter { $0.isSource && $0.path != reader }.flatMap { file in
      file.lines(with: ["open(", "opendir(", "readlink("]).filter { index in
        file.lines[index].contains("\"/proc/") && !file.lines[index].contains("O_WRONLY")
      }.map(file.place)
    }
    #expect(findings == [])
  }

  @Test func `prints only in the program itself`() throws {
    try expectNone(["rint("]) { $0.target != "roost" && $1.contains(/\b(debugPrint|print)\(/) }
  }

  @Test func `offers nothing to other packages but the span model`() throws {
    let open: Set = ["TraceModel", "TestFixtures"]
    try expectNone(["public", "open"]) {
      !open.contains($0.target) && $1.contains(/^\s*(@\w+\s+)*(public\s|open\s+(class|func|var|subscript))/)
    }
  }

  @Test func `explains what other targets see`() throws {
    let sources = try SourceFile.all().filter(\.isSource)
    let saidElsewhere = Declaration.requirements(in: sources)
    let findings = sources.flatMap { file in
      file.lines(with: ["package", "public"]).filter { index in
        guard let declaration = Declaration(file.code[index]) else { return false }
        return !saidElsewhere.contains(declaration.name) && !declaration.isDocumented(in: file, at: index)
      }.map { "\(file.place($0)): \(file.lines[$0].trimmingCharacters(in: .whitespaces))" }
    }
    #expect(findings == [])
  }

  @Test func `waits for conditions in tests, never for time`() throws {
    try expectNone(["sleep("]) { !$0.isSource && $1.contains(/\b(sleep|usleep|nanosleep)\(|\.sleep\(/) }
  }

  /// A format of traces is a value. Whoever has to know which one it is asks the value, not for its name or path; else
  /// the next format is handled wrongly, and the compiler says nothing.
  @Test func `tells formats of traces apart in the table of routes only`() throws {
    let table = "Sources/Agent/Receiving/ServedRoutes.swift"
    let agent = try SourceFile.all().filter { $0.isSource && $0.target == "Agent" && $0.path != table }
    try #require(agent.count > 20)
    let findings = agent.flatMap { file in
      file.lines.indices.filter { index in
        if file.code[index].contains(/\bTracesV\d|[fF]ormat\??\.(name|path\w*)\s*[!=]=|[!=]=\s*\w*[fF]ormat\./) {
          return true
        }
        // Texts are left out of `code`, and with them a name or path that is spelt out.
        return !file.code[index].isEmpty && file.lines[index].contains(/"\/?v\d+\.\d/)
      }.map(file.place)
    }
    #expect(findings == [])
  }

  /// Expects that no line of code that holds one of the words breaks a rule.
  private func expectNone(
    _ words: [String], at location: SourceLocation = #_sourceLocation, thatBreak breaks: (SourceFile, String) -> Bool
  ) throws {
    let findings = try SourceFile.all().flatMap { file in
      file.lines(with: words).filter { breaks(file, file.code[$0]) }.map { "\(file.place($0)): \(file.lines[$0])" }
    }
    #expect(findings == [], sourceLocation: location)
  }
}

@Suite struct `A source file` {
  private func code(_ text: String) -> [String] { SourceFile(path: "Sources/A/B.swift", text: text).code }

  @Test func `is read without its comments and texts`() {
    #expect(code("a // b\nc") == ["a ", "c"])
    #expect(code(#"f("print(x)", y) // z"#) == [#"f("", y) "#])
    #expect(code(#"f("a \(g("b")) \" c") + d"#) == [#"f("") + d"#])
    #expect(code("a = \"\"\"\n  fatal\n  \"\"\"\nb") == ["", "", "", "b"])
    #expect(code("f(#\"a \"b\" // c\"#, d)") == ["f(#, d)"])
    #expect(code(#"u = "http://x" + v"#) == [#"u = "" + v"#])
  }

  @Test(
    arguments: [
      ("/// a\npackage func f() {}", true), ("\npackage func f() {}", false), ("package var a = 1", false),
      ("/// a\n@inlinable\npackage func f() {}", true), ("/// t\nstruct A {\n  package var a = 1", true),
      ("/// t\nstruct A {\n  package func f() {}", false), ("/// a\npackage var a = 1\npackage var b = 2", true),
      ("/// a\npackage var a = 1\n\npackage var b = 2", false), ("struct A {\n  package var a = 1", false),
      ("// no\npackage struct A {", false),
    ])
  func `shows what is explained`(text: String, isDocumented: Bool) throws {
    let file = SourceFile(path: "Sources/A/B.swift", text: text)
    let last = file.lines.count - 1
    let declaration = try #require(Declaration(file.code[last]))
    #expect(declaration.isDocumented(in: file, at: last) == isDocumented)
  }

  @Test func `tells what its protocols ask for`() {
    let text =
      "package protocol P {\n  var a: Int { get }\n  static func b(_ x: Int)\n}\npackage struct C {\n  var d = 1"
    let names = Declaration.requirements(in: [SourceFile(path: "Sources/A/B.swift", text: text)])
    #expect(names.isSuperset(of: ["a", "b", "description"]) && names.isDisjoint(with: ["d", "C", "P"]))
  }

  @Test(arguments: [
    "public struct A", "  package static func f", "@inlinable public var a: Int", "package private(set) var b",
    "package final class C", "package typealias D = Int", "@inline(__always) @inlinable public func f()",
  ])
  func `shows what others see`(line: String) { #expect(Declaration(line) != nil) }

  @Test(arguments: ["struct A", "private var x", "  let package = 1", "package init() {", "case package"])
  func `hides what others do not`(line: String) { #expect(Declaration(line) == nil) }
}
