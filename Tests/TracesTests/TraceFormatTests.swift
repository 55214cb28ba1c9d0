import JSON
import TestFixtures
import Testing
import Text

@testable import Traces

@Suite("A trace in other formats")
struct TraceFormatTests {
  private static func span(
    _ id: UInt64, under parent: UInt64 = 0, _ service: String = "shop", at startNs: Int64 = 0,
    for durationNs: Int64 = 10_000
  ) -> TraceSpan {
    TraceSpan(
      spanID: id, parentID: parent, service: service, operation: "op;x", resource: "r\(id % 2)", startNs: startNs,
      durationNs: durationNs)
  }

  private static func tree(_ spans: [TraceSpan]) -> TraceTree {
    TraceTree(Trace(id: TraceID(high: 0, low: 1), spans: spans, isKept: true, keptBy: ""))
  }

  @Test("Folded stacks have a frame for each service that is entered, and add up what is the same")
  func folded() {
    let stacks = Self.tree([
      Self.span(1, for: 100_000), Self.span(3, under: 1, "db", at: 10_000), Self.span(5, under: 1, "db", at: 30_000),
      Self.span(2, under: 1, at: 50_000, for: 900),
    ]).foldedStacks
    #expect(Array(stacks) == ["shop;op:x r1 79", "shop;op:x r1;db;op:x r1 20"])
  }

  @Test("A chain of ten thousand spans folds into few and short lines")
  func deepFolded() {
    let spans = (0..<10_000).map {
      Self.span(UInt64($0 + 1), under: UInt64($0), at: Int64($0) * 1000, for: (10_000 - Int64($0)) * 1000 + 5000)
    }
    let stacks = Array(Self.tree(spans).foldedStacks)
    #expect(stacks.count <= 256 && (stacks.last?.utf8.count ?? 0) < 4000)
    // 10,000 spans of 1 µs each that no child covers, and the last one's 5 µs more.
    #expect(stacks.compactMap { $0.split(separator: " ").last.flatMap { Int($0) } }.reduce(0, +) == 10_005)
  }

  @Test("No text of a span ends its frame or its line")
  func foldedNames() {
    var root = Self.span(1, ";\u{2028}", for: 2_000)
    root.operation = "a\nb"
    root.resource = "\u{85}\u{1b}[2J 12"
    let nameless = TraceSpan(
      spanID: 2, parentID: 1, service: "", operation: "", resource: "", startNs: 0, durationNs: 1_000)
    let stacks = Array(Self.tree([root, nameless]).foldedStacks)
    #expect(
      stacks.count == 2 && stacks.allSatisfy { $0 == safeText($0) && $0.split(whereSeparator: \.isNewline).count == 1 })
    #expect(stacks.map { $0.split(separator: ";", omittingEmptySubsequences: false).count } == [2, 4])
    #expect(stacks[1].hasSuffix(";unnamed;unnamed 1"))
  }

  @Test("OTLP names spans by their resource, and keeps operation, kind, failure and links")
  func otlp() throws {
    var root = Self.span(1, for: 5)
    root.isError = true
    root.meta = [("env", "prod"), ("error.type", "E"), ("error.message", "m"), ("error.stack", "s"), ("k", "v")]
    root.metrics = [("n", 3), ("d", 0.5), ("bad", .infinity)]
    root.type = "web"
    root.links = [TraceSpanLink(traceID: TraceID(high: 1, low: 2), spanID: 3)]
    let trace = Trace(
      id: TraceID(high: 0, low: 255), spans: [root, Self.span(2, under: 1, "db")], isKept: true, keptBy: "")
    let resources = try #require(trace.otlp["resourceSpans"]?.elements)
    #expect(resources.count == 2)
    let resource = resources[0]["resource"]?["attributes"]?.elements ?? []
    #expect(resource.map { $0["key"]?.string } == ["service.name", "deployment.environment.name"])
    let span = try #require(resources[0]["scopeSpans"]?.elements?.first?["spans"]?.elements?.first)
    #expect(
      span["traceId"]?.string == "000000000000000000000000000000ff" && span["spanId"]?.string == "0000000000000001")
    #expect(span["parentSpanId"] == nil && span["name"]?.string == "r1" && span["kind"]?.integer == 2)
    #expect(span["startTimeUnixNano"]?.string == "0" && span["endTimeUnixNano"]?.string == "5")
    #expect(span["status"]?["code"]?.integer == 2 && span["status"]?["message"]?.string == "E: m")
    let attributes = span["attributes"]?.elements ?? []
    func value(_ key: String) -> JSONValue? { attributes.first { $0["key"]?.string == key }?["value"] }
    #expect(value("operation.name")?["stringValue"]?.string == "op;x" && value("env") == nil)
    #expect(value("n")?["intValue"]?.string == "3" && value("d")?["doubleValue"]?.number == 0.5)
    #expect(value("bad")?["doubleValue"]?.string == "Infinity")
    let event = span["events"]?.elements?.first
    #expect(event?["name"]?.string == "exception" && event?["attributes"]?.elements?.count == 3)
    #expect(span["links"]?.elements?.first?["traceId"]?.string == "00000000000000010000000000000002")
  }

  @Test("OTLP's times begin with 1970, and no span ends before it began")
  func otlpTimes() {
    for (start, duration, text) in [(-5, 9, ("0", "4")), (5, -9, ("5", "5")), (.min, .min, ("0", "0"))]
      as [(Int64, Int64, (String, String))]
    {
      let trace = Trace(
        id: TraceID(high: 0, low: 1), spans: [Self.span(1, at: start, for: duration)], isKept: true, keptBy: "")
      let span = trace.otlp["resourceSpans"]?.elements?[0]["scopeSpans"]?.elements?[0]["spans"]?.elements?[0]
      #expect(span?["startTimeUnixNano"]?.string == text.0 && span?["endTimeUnixNano"]?.string == text.1)
    }
  }

  @Test("In Markdown nothing of a span is markup, and no text ends the block that it stands in")
  func markdown() {
    var root = Self.span(1, "[x](http://evil)")
    root.resource = "<script>*bold*`code`"
    root.operation = "```\n# heading"
    root.isError = true
    root.meta = [("error.message", "**x**"), ("error.stack", "````\n</details>")]
    let text = Self.tree([root]).markdown(startText: "now")
    #expect(text.contains("### \\<script\\>\\*bold\\*\\`code\\` of \\[x\\](http://evil): 10µs, failed"))
    #expect(text.contains("\n````\n    TIME     SELF\n"))
    #expect(text.contains("\n`````\n````\n"))
    #expect(text.contains("**\\*\\*x\\*\\***"))
  }

  @Test(
    "Of an error, the lines of the stack that are nearest to the fault are kept",
    arguments: [
      (
        "Traceback:\n  File \"a\", line 1\n    b()\n  File \"c\", line 2\n    d()\nx.E: m",
        ["b()", "File \"c\", line 2", "d()"]
      ),
      ("  File \"a\", line 1\n    b(c)\n    ~^^^\nx.E: m", ["File \"a\", line 1", "b(c)"]),
      ("  File \"a\", line 1\n    b()\nx.E: the\nm", ["File \"a\", line 1", "b()", "x.E: the", "m"]),
      ("E: m\n  at one\n  at two\n  at three\n  at four\n  at five", ["at one", "at two", "at three", "at four"]),
      ("", []), ("\n \n", []), ("only", ["only"]),
    ])
  func stacks(_ stack: String, kept: [String]) {
    var span = Self.span(1)
    span.isError = true
    span.meta = [("error.type", "x.E"), ("error.message", "m"), ("error.stack", stack)]
    #expect(TraceError(span)?.stack.suffix(kept.count) == kept[...])
    span.meta[1].value = "the\nm"
    span.meta[2].value = "  File \"a\", line 1\n    b()\nE: the\n  m\n"
    #expect(TraceError(span)?.stack == ["File \"a\", line 1", "b()"])
    #expect(TraceError(Self.span(1)) == nil)
  }

  @Test("A reason is told where it arose, once, and not of spans above that say nothing of their own")
  func failures() {
    func failed(_ id: UInt64, under parent: UInt64 = 0, _ message: String?) -> TraceSpan {
      var span = Self.span(id, under: parent)
      span.isError = true
      span.meta = message.map { [("error.message", $0)] } ?? []
      return span
    }
    let tree = Self.tree([
      failed(1, nil), Self.span(2, under: 1), failed(3, under: 2, "a"), failed(4, under: 3, "a"),
      failed(5, under: 1, "a"),
      failed(6, under: 1, "b"), failed(7, under: 6, "c"), failed(8, under: 1, nil),
    ])
    #expect(tree.failures.mapValues(\.message) == [3: "a", 5: "b", 6: "c", 7: ""])
  }

  @Test("Siblings of one kind are one line, failed ones are not hidden, and loops of calls are told from other loops")
  func outline() {
    func siblings(_ change: (inout TraceSpan, Int) -> Void) -> [TraceOutline.Content] {
      let children = (0..<6).map { place in
        var span = Self.span(UInt64(place + 2), under: 1, at: Int64(place), for: 1)
        span.resource = "same"
        change(&span, place)
        return span
      }
      return TraceOutline(Self.tree([Self.span(1)] + children)).rows.dropFirst().map(\.content)
    }
    #expect(siblings { _, _ in }.repeatedCounts == [6])
    #expect(siblings { span, place in span.isError = place == 3 }.repeatedCounts == [5, nil])
    #expect(siblings { span, place in span.isError = place < 2 }.repeatedCounts == [nil, nil, nil, nil, nil, nil])
    #expect(siblings { span, place in span.resource = "id \(place)" }.count == 6)
    let calls = siblings { span, place in
      span.type = "sql"
      span.resource = "SELECT 'a\(place)' FROM t2 WHERE id IN (\(place), 1.5)"
    }
    guard case .repeated(let repeated)? = calls.first else {
      Issue.record("not one line: \(calls)")
      return
    }
    #expect(repeated.looksLikeNPlusOne && repeated.resource == "SELECT ? FROM t2 WHERE id IN (?, ?)")
  }

  @Test("Spans at the top are folded, too; those of one parent that is missing may be a loop of calls")
  func outlineAtTheTop() {
    func top(_ parent: (UInt64) -> UInt64) -> [RepeatedSpans] {
      let spans = (1...6).map { number in
        var span = Self.span(UInt64(number * 2), under: parent(UInt64(number)), at: Int64(number))
        span.type = "sql"
        return span
      }
      return TraceOutline(Self.tree(spans)).rows.compactMap {
        if case .repeated(let fold) = $0.content { fold } else { nil }
      }
    }
    #expect(top { _ in 0 }.map(\.looksLikeNPlusOne) == [false])
    #expect(top { 100 + $0 }.map(\.looksLikeNPlusOne) == [false])
    #expect(top { _ in 100 }.map(\.looksLikeNPlusOne) == [true])
    #expect(top { _ in 100 }.map(\.spans.count) == [6])
  }

  @Test("Many siblings that differ in numbers only are one line, also when they call nothing")
  func outlineOfMany() {
    func rows(_ count: UInt64) -> [TraceOutline.Row] {
      let steps = (1...count).map { number in
        var span = Self.span(number + 1, under: 1, at: Int64(number), for: 1)
        span.resource = "step \(number)"
        return span
      }
      return TraceOutline(Self.tree([Self.span(1, for: 1_000)] + steps)).rows
    }
    #expect(rows(49).count == 50)
    guard case .repeated(let fold)? = rows(50).last?.content else {
      Issue.record("not one line: \(rows(50))")
      return
    }
    #expect(fold.resource == "step ?" && fold.spans.count == 50 && !fold.looksLikeNPlusOne)
  }

  @Test("The document has the folds of all siblings, also of those below spans that a line stands for")
  func foldsInTheDocument() throws {
    var spans = [Self.span(1, for: 1_000)]
    for loop in UInt64(0)..<5 {
      var step = Self.span(2 + loop, under: 1, at: Int64(loop) * 100, for: loop == 3 ? 90 : 80)
      step.resource = "step"
      spans.append(step)
      // Two queries of each element, by turns.
      for place in UInt64(0)..<12 {
        var query = Self.span(
          100 * (loop + 1) + place, under: 2 + loop, at: Int64(loop * 100 + place), for: place == 7 ? 2 : 1)
        query.type = "sql"
        query.resource = place % 2 == 0 ? "SELECT \(place)" : "UPDATE t SET n = '\(place)'"
        spans.append(query)
      }
    }
    let trace = Self.tree(spans).trace
    let folds = try #require(JSONValue.object(trace.jsonMembers)["repeated"]?.elements)
    #expect(folds.count == 11)
    func resources(_ fold: JSONValue) throws -> Set<String> {
      let places = try #require(fold["span_indices"]?.elements).compactMap(\.integer)
      return Set(places.map { trace.spans[Int($0)].resource })
    }
    #expect(try resources(folds[0]) == ["step"])
    let slowest = try #require(folds[0]["slowest_index"]?.integer)
    #expect(trace.spans[Int(slowest)].durationNs == 90 && folds[0]["total_ns"]?.integer == 410)
    for fold in folds.dropFirst() {
      let isQuestion = fold["resource"]?.string == "SELECT ?"
      #expect(isQuestion || fold["resource"]?.string == "UPDATE t SET n = ?")
      #expect(fold["n_plus_one"]?.bool == true && fold["total_ns"]?.integer == (isQuestion ? 6 : 7))
      #expect(try resources(fold).allSatisfy { $0.hasPrefix(isQuestion ? "SELECT" : "UPDATE") })
    }
    #expect(folds[0]["n_plus_one"]?.bool == false)
  }

  @Test("The total of a fold ends where numbers do")
  func foldedExtremes() {
    let spans = (1...9).map { Self.span(UInt64($0), at: 0, for: .max) }
    for row in TraceOutline(
      Self.tree(
        spans.map {
          var span = $0; span.resource = "r"; return span
        })
    ).rows {
      guard case .repeated(let fold) = row.content else { continue }
      #expect(fold.totalNs == .max)
    }
  }

  @Test("A choice of lines has the failed span with all above it, and counts what it leaves out")
  func selection() {
    var spans = [Self.span(1, for: 1000)]
    for place in 2..<200 { spans.append(Self.span(UInt64(place), under: UInt64(place / 3), at: Int64(place), for: 5)) }
    for place in spans.indices { spans[place].resource = "r\(place)" }
    spans[190].isError = true
    for limit in [1, 5, 10, 50, 500] {
      let outline = TraceOutline(Self.tree(spans), rowsMax: limit)
      var (shown, left) = (0, 0)
      for row in outline.rows {
        if case .more(let count, _) = row.content { left += count } else { shown += 1 }
      }
      #expect(shown + left == spans.count && shown <= limit)
      #expect(limit < 10 || outline.rows.contains { $0.content == .span(190) })
      for (row, next) in zip(outline.rows, outline.rows.dropFirst()) { #expect(next.depth <= row.depth + 1) }
    }
  }
}

extension [TraceOutline.Content] {
  fileprivate var repeatedCounts: [Int?] {
    map { if case .repeated(let repeated) = $0 { repeated.spans.count } else { nil } }
  }
}
