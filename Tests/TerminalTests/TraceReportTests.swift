import Control
import Foundation
import JSON
import TestFixtures
import Testing
import Text
import Traces

@testable import Terminal

@Suite("Traces as they are printed")
struct TraceReportTests {
  static let texts: [(file: String, text: String)] =
    [40, 60, 80, 120, 200].map { (width: Int) -> (file: String, text: String) in
      ("trace-\(width).txt", lines(TraceReport(TraceSamples.checkout, time: .utc).lines(Drawing(width: width))))
    } + [
      (
        "trace-color.txt",
        lines(TraceReport(TraceSamples.checkout, time: .utc).lines(Drawing(width: 100, colors: true)))
      ),
      (
        "trace-verbose.txt",
        lines(TraceReport(TraceSamples.checkout, time: .utc, isVerbose: true).lines(Drawing(width: 80)))
      ),
      (
        "trace-hostile.txt",
        lines(TraceReport(TraceSamples.hostile, time: .utc, isVerbose: true).lines(Drawing(width: 80)))
      ),
      ("trace-large.txt", lines(TraceReport(TraceSamples.large, time: .utc, rowsMax: 30).lines(Drawing(width: 80)))),
      ("trace-orphans.txt", lines(TraceReport(TraceSamples.orphans, time: .utc).lines(Drawing(width: 100)))),
      ("trace-linked.txt", lines(TraceReport(TraceSamples.linked, time: .utc).lines(Drawing(width: 100)))),
      (
        "trace-linked-verbose.txt",
        lines(TraceReport(TraceSamples.linked, time: .utc, isVerbose: true).lines(Drawing(width: 100)))
      ),
      ("trace-linked.json", TraceSamples.linked.document.text + "\n"),
      ("trace-linked.md", TraceTree(TraceSamples.linked.trace).markdown(startText: "2026-11-24 06:58:30.000")),
      ("trace.json", TraceSamples.checkout.document.text + "\n"),
      ("trace.md", TraceTree(TraceSamples.checkout.trace).markdown(startText: "2026-11-24 06:58:30.000")),
      ("trace-hostile.md", TraceTree(TraceSamples.hostile.trace).markdown(startText: "2026-11-24 06:58:30.000")),
      ("trace-otlp.json", TraceSamples.checkout.trace.otlp.text + "\n"),
      ("trace.folded", lines(Array(TraceTree(TraceSamples.checkout.trace).foldedStacks))),
      ("traces.txt", lines(TracesReport(TraceSamples.list, time: .utc).lines(Drawing()))),
      ("traces-80.txt", lines(TracesReport(TraceSamples.list, time: .utc).lines(Drawing(width: 80)))),
      ("traces-40.txt", lines(TracesReport(TraceSamples.list, time: .utc).lines(Drawing(width: 40)))),
      ("traces-color.txt", lines(TracesReport(TraceSamples.list, time: .utc).lines(Drawing(width: 120, colors: true)))),
      ("traces-hostile.txt", lines(TracesReport(TraceSamples.hostileList, time: .utc).lines(Drawing(width: 100)))),
      ("traces-growing.txt", lines(TracesReport(TraceSamples.list, time: .utc).growingLines(Drawing(width: 120)))),
      ("traces.json", TraceSamples.list.document.text + "\n"),
    ]

  @Test("Every report of traces reads as it was last accepted", arguments: texts)
  func golden(_ report: (file: String, text: String)) throws {
    #expect(report.text == (try Golden.text("cli/traces/\(report.file)", accepting: report.text)))
  }

  @Test("No line is wider than the terminal, whatever clients send", arguments: [20, 40, 50, 60, 80, 100, 133, 200])
  func widths(_ width: Int) {
    for answer in [
      TraceSamples.checkout, TraceSamples.hostile, TraceSamples.large, TraceSamples.linked, TraceSamples.orphans,
    ] {
      for isVerbose in [false, true] {
        let report = TraceReport(answer, time: .utc, rowsMax: 60, isVerbose: isVerbose)
        for line in report.lines(Drawing(width: width)) {
          #expect(line.displayWidth <= width, "\(line)")
          #expect(line == safeText(line))
        }
      }
    }
    for line in TracesReport(TraceSamples.list, time: .utc).lines(Drawing(width: width, header: false))
    where width >= 40 {
      #expect(line.displayWidth <= width || line.hasPrefix("There are more"), "\(line)")
      #expect(line == safeText(line))
    }
  }

  @Test("Five and more queries from one span that differ in numbers only are one line, and may be one for each row")
  func nPlusOne() {
    let text = Self.lines(TraceReport(TraceSamples.checkout, time: .utc).lines(Drawing(width: 200)))
    #expect(text.contains("× 31 shop-db  sqlite.query SELECT name FROM items WHERE id = ?  total 141ms  ← N+1?"))
    #expect(!text.contains("WHERE id = 7"))
  }

  @Test("The reason of a failure stands where it arose, with the last lines of the stack")
  func errors() {
    let lines = TraceReport(TraceSamples.checkout, time: .utc).lines(Drawing())
    let text = Self.lines(lines)
    #expect(lines.count { $0.contains("RuntimeError: the till is closed") } == 1)
    #expect(text.contains(#"raise RuntimeError("the till is closed")"#))
  }

  @Test("Of ten thousand spans the lines that matter are shown, and how many are not, quickly")
  func largeTraces() {
    let started = ContinuousClock.now
    let report = TraceReport(TraceSamples.large, time: .utc).lines(Drawing(width: 120))
    #expect(report.count < 420 && report.contains { $0.contains(" more, ") })
    #expect(report.last == "… stands for spans that are left out; --limit N draws more lines")
    // A fifth of a second without optimizing.
    #expect(ContinuousClock.now - started < .seconds(10))
    let shown = report.count { $0.contains("step.") }
    let left = report.compactMap { line in
      line.firstMatch(of: /… ([0-9,]+) more,/).map { Int($0.1.replacing(",", with: "")) ?? 0 }
    }
    #expect(shown + left.reduce(0, +) == 9_999)
  }

  @Test("A service has one colour, and names have several")
  func colors() {
    #expect(Style.ofService("shop") == Style.ofService("shop"))
    #expect(Set((0..<50).map { Style.ofService("service-\($0)") }).count == 10)
  }

  @Test(
    "A query that is not understood is shown with a mark below the character",
    arguments: [
      ("status:bad", ["  status:bad", "         ^"]), ("漢 (a", ["  漢 (a", "     ^"]),
      ("a\u{1b}b status:x", ["  a\\x1bb status:x", "                ^"]),
    ])
  func queryErrors(_ query: String, lines: [String]) throws {
    let error = #expect(throws: TraceQueryError.self) { try TraceFilter(parsing: query) }
    #expect(QueryErrorReport.lines(query, try #require(error)) == lines)
  }

  @Test("A tag that is named nearly like something else is pointed out")
  func hints() throws {
    let lines = NoTracesReport.lines(try TraceFilter(parsing: "sevce:shop"), window: "5m", hasAny: true)
    #expect(
      lines == [
        "No trace matches sevce:shop in the last 5m.", "sevce is looked for among the tags; did you mean service:?",
        "Without --since all that is stored is searched.",
      ])
  }

  @Test("A trace whose clock is ahead is marked by how much")
  func clocks() throws {
    var span = TraceSpan(
      spanID: 1, service: "a", operation: "o", resource: "r", startNs: 1_795_510_800_000_000_000, durationNs: 1)
    span.meta = []
    var row = TraceSummary(Trace(id: TraceID(high: 0, low: 1), spans: [span], isKept: true, keptBy: ""))
    row.aheadNs = 7_200_000_000_000
    let report = TracesReport(TracesAnswer(nowNs: 1_795_503_600_000_000_000, rows: [row]), time: .utc)
    let lines = report.lines(Drawing())
    #expect(lines[1].hasPrefix("09:00:00.000 +2h00m  a "), "\(lines)")
    #expect(lines[2] == "+: clock ahead by 2h00m where the trace was made; it stands where it arrived.")
    row.aheadNs = nil
    #expect(TracesReport(TracesAnswer(nowNs: 0, rows: [row]), time: .utc).lines(Drawing()).count == 2)
  }

  @Test("A word that joins conditions in capitals is pointed out")
  func wordHints() throws {
    #expect(
      NoTracesReport.lines(try TraceFilter(parsing: "cart or checkout"), window: nil, hasAny: true) == [
        "No trace matches cart or checkout.", "or is looked for as a word; OR in capitals joins conditions.",
      ])
  }

  @Test("Options of the list become the same filter as its words")
  func options() throws {
    let model = ProgramModel(
      name: "roost", summary: "", commands: [CommandModel("traces", summary: "", options: TraceQueryOptions.models)],
      globals: [])
    let words = [
      "traces", "--errors", "--min", "100ms", "--max=2s", "--service", "shop", "--resource", "GET *", "--operation",
      "web",
      "--env", "prod", "--tag", "a=b=c", "--tag", "d", "--until", "5m", "--limit", "7", "--sort", "spans",
    ]
    let options = try TraceQueryOptions(model.parse(words))
    #expect(
      options.filter.description
        == "status:error duration:>=100ms duration:<=2s service:shop resource:\"get *\" operation:web env:prod a:b=c d:*"
    )
    #expect(options.limit == 7 && options.order == .spans && options.untilAgoNs == 300_000_000_000)
    for words in [
      ["--min", "100"], ["--min", "2s", "--max", "1s"], ["--since", "5m", "--until", "5m"], ["--tag", "=x"],
      ["--until", "now"], ["--limit", "0"],
    ] {
      #expect(throws: UsageError.self) { try TraceQueryOptions(model.parse(["traces"] + words)) }
    }
  }

  @Test("Moments are shown by the clock on the wall")
  func localTimes() {
    let time = LocalTime { _ in 5400 }
    #expect(time.full(ReportSamples.now + 123_456_789) == "2026-11-24 08:30:00.123")
    #expect(time.brief(ReportSamples.now, now: ReportSamples.now + 1) == "08:30:00.000")
    #expect(time.brief(ReportSamples.now - 86_400_000_000_000, now: ReportSamples.now) == "11-23 08:30:00")
    #expect(time.full(.max).count == 23 && time.full(.min).count == 23)
  }

  private static func lines(_ lines: [String]) -> String { lines.map { $0 + "\n" }.joined() }
}
