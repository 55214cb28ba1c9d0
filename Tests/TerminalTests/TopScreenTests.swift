import Control
import TestFixtures
import Testing
import Text
import Traces

@testable import Terminal

/// What `roost top` is given in tests.
enum TopSamples {
  static let now = ReportSamples.now
  private static let second: Int64 = 1_000_000_000

  /// Steps of ten seconds up to now; a line for each service or resource.
  static func series(_ rows: [SeriesRow], nowNs: Int64 = now) -> SeriesAnswer {
    SeriesAnswer(
      firstStepNs: now - 60 * second, stepNs: 10 * second,
      covered: CoveredTime(startNs: now - 60 * second, endNs: nowNs), rows: rows)
  }

  static var services: TopData {
    .services(
      ReportSamples.services,
      series([
        SeriesRow(service: "shop", env: "local", hits: [10, 20, 30, 40, 50, 60, 70], errors: []),
        SeriesRow(service: "mailer", env: "none", hits: [0, 0, 14, 0, 0, 0, 0], errors: []),
      ]))
  }

  static var resources: TopData {
    var answer = ReportSamples.resources
    answer.rows.append(
      ReportSamples.resource(
        "GET /" + String(repeating: "long/", count: 30) + "\u{202e}evil\u{1b}]0;x\u{7}", hits: 5, errors: 0,
        ms: [1, 2, 3, 4, 5], share: 0.01))
    return .resources(
      answer,
      series([
        SeriesRow(
          service: "shop", env: "local", resource: "GET /cart", operation: "flask.request",
          hits: [1, 2, 3, 4, 5, 6, 7], errors: [])
      ]))
  }

  static func trace(_ number: UInt64, ms: Int64, errors: Int = 0, resource: String = "GET /cart") -> TraceSummary {
    TraceSummary(
      id: TraceID(high: 0x6692_a1b2_0000_0000, low: number), startNs: now - Int64(number) * second,
      durationNs: ms * 1_000_000, rootService: "shop", rootResource: resource, rootOperation: "flask.request",
      env: "local", spanCount: 9, errorCount: errors, services: ["shop", "shop-db"],
      statusCode: errors > 0 ? "500" : "200", isKept: true, keptBy: "priority")
  }

  /// The trace of a clock that is two hours ahead came between two others.
  static var tracesOfTheFuture: TopData {
    var rows = [trace(1, ms: 12), trace(3, ms: 12), trace(2, ms: 12)]
    rows[2].startNs += 7_200 * second
    rows[2].aheadNs = 7_200 * second
    return .traces(TracesAnswer(nowNs: now, rows: rows))
  }

  static var traces: TopData {
    .traces(
      TracesAnswer(
        nowNs: now,
        rows: [trace(1, ms: 12), trace(2, ms: 1_950, errors: 2), trace(70, ms: 8, resource: "GET /商品/\u{1b}[2J")]))
  }
}

@Suite("The screen of roost top")
struct TopScreenTests {
  /// A screen that has been given what it asked for.
  private static func filled(_ keys: [ScreenKey] = [], service: String? = nil) -> TopScreen {
    var top = TopScreen(service: service, env: service.map { _ in "local" })
    answer(&top)
    press(keys, &top)
    return top
  }

  private static func press(_ keys: [ScreenKey], _ top: inout TopScreen) {
    for key in keys where top.handle(key) == .query { answer(&top) }
  }

  private static func answer(_ top: inout TopScreen) {
    guard let request = top.request else { return }
    switch request.place {
    case .services: top.take(TopSamples.services, for: request)
    case .resources: top.take(TopSamples.resources, for: request)
    case .traces: top.take(TopSamples.traces, for: request)
    case .trace:
      top.take(.trace((0..<40).map { "line \($0) " + Style.bad.applied(to: "red", colors: true) }), for: request)
    }
  }

  private static func text(_ top: TopScreen, _ width: Int, _ height: Int) -> String {
    var top = top
    return top.lines(width: width, height: height, colors: true).joined(separator: "\n") + "\n"
  }

  private static let screens: [(file: String, top: TopScreen, width: Int, height: Int)] = [
    ("top-services.txt", filled([.down]), 100, 10), ("top-services-50.txt", filled(), 50, 8),
    ("top-resources.txt", filled([.enter]), 120, 10), ("top-traces.txt", filled([.enter, .enter]), 100, 10),
    ("top-traces-longest.txt", filled([.enter, .enter, .character("s"), .character("p")]), 60, 8),
    ("top-trace.txt", filled([.enter, .enter, .enter, .down, .down]), 40, 8),
    ("top-filter.txt", filled([.character("/"), .character("M"), .character("a")]), 80, 8),
    ("top-filter-none.txt", filled([.character("/"), .character("\u{1b}"), .enter]), 80, 6),
    ("top-help.txt", filled([.character("?")]), 80, 16), ("top-first.txt", TopScreen(), 40, 4),
  ]

  @Test("Every screen reads as it was last accepted", arguments: 0..<screens.count)
  func golden(_ index: Int) throws {
    let screen = Self.screens[index]
    let text = Self.text(screen.top, screen.width, screen.height)
    #expect(text == (try Golden.text("cli/\(screen.file)", accepting: text)))
  }

  @Test("Hits in a row for many resources, and in none, are told as the tables tell them, and lead to all traces")
  func collapsed() throws {
    guard case .resources(var answer, let series) = TopSamples.resources else { return }
    var rest = ReportSamples.resource(
      ResourceRow.collapsedName, hits: 195_000, errors: 0, ms: [1, 2, 3, 4, 5], share: 0.1)
    rest.isCollapsed = true
    answer.rows.append(rest)
    answer.hitsWithoutRow = 7
    answer.covered?.missingThreads = 1
    var top = TopScreen(service: "shop", env: "local")
    top.take(.resources(answer, series), for: try #require(top.request))
    let lines = top.lines(width: 140, height: 14, colors: false).map { StyledRun.text(of: $0) }
    #expect(lines.filter { $0.contains("resources without a row of their own") }.count == 2)
    for note in collapsedNote(answer.rows) + uncountedNote(answer.hitsWithoutRow) + missingThreadsNote(1) {
      #expect(lines.contains(note))
    }
    #expect(top.lines(width: 140, height: 5, colors: false).contains { $0.contains("HITS") })
    Self.press([.character("/")] + "without".map { .character($0) } + [.enter], &top)
    #expect(top.handle(.enter) == .query)
    #expect(top.request?.place == .traces(TopTraceScope(service: "shop", resource: nil, env: "local")))
  }

  @Test("No line is wider and no screen higher than the terminal, whatever its size and whatever names hold")
  func sizes() {
    for screen in Self.screens {
      for width in [1, 2, 7, 20, 39, 80, 300] {
        for height in [1, 2, 3, 4, 24] {
          var top = screen.top
          let lines = top.lines(width: width, height: height, colors: true)
          #expect(lines.count == height, "\(screen.file) \(width)x\(height)")
          for line in lines {
            let text = StyledRun.text(of: line)
            #expect(text.displayWidth <= width, "\(screen.file) \(width)x\(height): \(text)")
            #expect(!text.unicodeScalars.contains { $0.value < 0x20 || $0 == "\u{202e}" })
          }
        }
      }
    }
  }

  @Test("A trace from a clock that is ahead is marked by how much, and stands where it came")
  func clocks() throws {
    var top = Self.filled([.enter, .enter])
    top.take(TopSamples.tracesOfTheFuture, for: try #require(top.request))
    let rows = top.lines(width: 80, height: 8, colors: false)[3..<6].map { StyledRun.text(of: $0) }
    #expect(rows.map { $0.split(separator: " ").first } == ["now", "+2h", "3s"], "\(rows)")
  }

  @Test("Enter leads from a service to a trace, and Esc back to where one was")
  func way() {
    var top = Self.filled([.down, .enter])
    #expect(top.level.place == .resources(service: "shop", env: "local"))
    Self.press([.down, .enter], &top)
    let scope = TopTraceScope(service: "shop", resource: "GET /static/<path:filename>", env: "local")
    #expect(top.level.place == .traces(scope))
    #expect(
      scope.filter
        == .and([
          .condition(.field(.service, TextPattern("shop"))),
          .condition(.field(.resource, TextPattern("GET /static/<path:filename>"))),
          .condition(.field(.env, TextPattern("local"))),
        ]))
    // A star of a resource is no more than a star.
    #expect(
      TopTraceScope(service: "db", resource: "SELECT * FROM t").filter.description
        == #"service:db resource:"select \* from t""#)
    Self.press([.enter], &top)
    #expect(top.level.place == .trace(id: "6692a1b2000000000000000000000001"))
    Self.press([.escape, .escape, .escape], &top)
    #expect(top.level.place == .services && top.level.selected?.hasPrefix("shop\0") == true)
    #expect(top.handle(.escape) == .draw && top.level.place == .services)
    Self.press([.character("t")], &top)
    #expect(top.level.place == .traces(TopTraceScope(service: "shop", resource: nil, env: "local")))
    #expect(
      TopTraceScope(service: "a", env: "none").filter
        == .and([
          .condition(.field(.service, TextPattern("a"))), .condition(.field(.env, TextPattern("none"))),
        ]))
  }

  @Test("The selected row stays selected when numbers change the order, and the first is when it is gone")
  func selection() throws {
    var top = Self.filled([.down])
    let before = try #require(top.level.selected)
    #expect(before.hasPrefix("shop\0"))
    var answer = ReportSamples.services
    answer.rows[0].ratePerSecond = 1_000
    let request = try #require(top.request)
    top.take(.services(answer, TopSamples.series([])), for: request)
    let table = try #require(top.table)
    #expect(top.selection(in: top.rows(of: table)) == 0 && top.rows(of: table)[0].id == before)
    answer.rows.removeFirst()
    top.take(.services(answer, TopSamples.series([])), for: request)
    #expect(top.selection(in: top.rows(of: try #require(top.table))) == 0)
  }

  @Test(
    "Rows are sorted by each column in turn, numbers from the largest, and reversed",
    arguments: [
      ("", ["shop-db", "shop", "mailer", "evil"]), ("s", ["mailer", "shop", "shop-db", "evil"]),
      ("ss", ["mailer", "shop", "shop-db", "evil"]), ("S", ["shop-db", "shop", "mailer", "evil"]),
      ("SS", ["evil", "mailer", "shop", "shop-db"]), ("r", ["evil", "mailer", "shop", "shop-db"]),
    ])
  func sorting(_ keys: String, _ expected: [String]) throws {
    let top = Self.filled(keys.map { .character($0) })
    let table = try #require(top.table)
    #expect(top.rows(of: table).map { String($0.name.prefix { $0 != "\u{1b}" }) } == expected)
  }

  @Test("A filter holds back what it is not in, also while it is typed")
  func filter() throws {
    var top = Self.filled([.character("/"), .character("S"), .character("h"), .character("q")])
    let names = { (top: TopScreen) in top.table.map { top.rows(of: $0).map(\.name) } ?? [] }
    #expect(names(top) == [] && top.level.filter == "Shq", "q is typed, and does not quit")
    Self.press([.backspace], &top)
    #expect(names(top) == ["shop-db", "shop"])
    Self.press([.enter, .down, .enter], &top)
    #expect(top.level.place == .resources(service: "shop", env: "local") && top.level.filter.isEmpty)
    Self.press([.escape, .escape], &top)
    #expect(names(top).count == 4, "the first Esc goes back, the second ends the filter")
  }

  @Test("Paused, nothing is queried but what was never there; a trace is queried once, and again for another width")
  func requests() throws {
    var top = Self.filled()
    #expect(top.request?.window == .minute)
    #expect(top.handle(.character("w")) == .query && top.request?.window == .quarter)
    #expect(top.handle(.character("p")) == .draw && top.request == nil)
    Self.press([.enter], &top)
    #expect(top.level.data != nil && top.request == nil)
    #expect(top.handle(.character(" ")) == .query && top.request != nil)
    Self.press([.enter, .character("s")], &top)
    #expect(top.request?.longestFirst == true)
    Self.press([.enter], &top)
    #expect(top.request == nil)
    #expect(top.handle(.resize) == .query && top.request?.isVerbose == false)
    #expect(top.handle(.character("v")) == .query && top.request?.isVerbose == true)
    #expect(top.handle(.character("q")) == .quit)
  }

  @Test("An answer to what is not shown any more is dropped, and a failure stands below what there was")
  func lateAnswers() throws {
    var top = Self.filled()
    let request = try #require(top.request)
    _ = top.handle(.enter)
    top.take(TopSamples.services, for: request)
    #expect(top.level.data == nil)
    top.fail("the agent did not answer")
    #expect(Self.text(top, 60, 5).contains("the agent did not answer"))
    Self.answer(&top)
    #expect(!Self.text(top, 60, 5).contains("the agent did not answer"))
  }

  @Test("Pages are as long as the screen, and a trace scrolls no further than its end")
  func pages() throws {
    var top = Self.filled([.enter, .enter, .enter])
    _ = top.lines(width: 40, height: 13, colors: false)
    Self.press([.pageDown], &top)
    #expect(top.lines(width: 40, height: 13, colors: false)[2].hasPrefix("line 10 "))
    Self.press([.end], &top)
    #expect(top.lines(width: 40, height: 13, colors: false)[11].hasPrefix("line 39 "))
    Self.press([.home], &top)
    #expect(top.lines(width: 40, height: 13, colors: false)[2].hasPrefix("line 0 "))
  }
}

@Suite("The line of the last minute")
struct ArrivalHistoryTests {
  private static let second: Int64 = 1_000_000_000
  private static let key = ArrivalHistory.LineKey(service: "shop", env: "local")

  private static func answer(_ hits: [UInt64], after seconds: Int64 = 0) -> SeriesAnswer {
    TopSamples.series(
      [SeriesRow(service: "shop", env: "local", hits: hits, errors: [])], nowNs: TopSamples.now + seconds * second)
  }

  @Test("What the first answer has is spread over its steps; what comes more, stands where it came")
  func deltas() {
    var history = ArrivalHistory()
    history.add(Self.answer([0, 0, 0, 0, 0, 30, 0]))
    #expect(history.parts(of: Self.key, count: 6) == [0, 0, 0, 0, 30, 0])
    history.add(Self.answer([0, 0, 0, 0, 0, 30, 5], after: 2))
    history.add(Self.answer([0, 0, 0, 0, 0, 31, 5], after: 3))
    let parts = history.parts(of: Self.key, count: 60)
    #expect(parts[59] == 1 && parts[58] == 5 && parts.reduce(0, +) == 36)
    #expect(history.parts(of: ArrivalHistory.LineKey(service: "other", env: ""), count: 3) == [0, 0, 0])
  }

  @Test("After a pause, a clock set back or fewer hits, it begins anew or stays as it is")
  func gaps() {
    var history = ArrivalHistory()
    history.add(Self.answer([0, 0, 0, 0, 0, 30, 0]))
    history.add(Self.answer([0, 0, 0, 0, 0, 10, 0], after: 1))
    #expect(history.parts(of: Self.key, count: 60).reduce(0, +) == 30)
    for after in [30, -20] as [Int64] {
      history.add(Self.answer([0, 0, 0, 50, 0, 0, 0], after: after))
      #expect(history.parts(of: Self.key, count: 60).max().map { $0 <= 5 } == true, "no peak of all at once")
    }
    history.add(
      SeriesAnswer(
        firstStepNs: .max, stepNs: .max, covered: CoveredTime(startNs: 0, endNs: 0),
        rows: [
          SeriesRow(service: "shop", env: "local", hits: [.max, 1], errors: [])
        ]))
    #expect(history.parts(of: Self.key, count: 0).isEmpty)
  }

  @Test("Bars are as high as their share of the largest")
  func bars() {
    #expect(Sparkline.text([0, 1, 4, 8]) == " ▂▅█" && Sparkline.text([0, 0]) == "  " && Sparkline.text([]) == "")
    #expect(Sparkline.text([0.001, 1_000]) == "▁█")
  }
}

@Suite("Lines with styles")
struct StyledRunTests {
  @Test("What Style writes is read back, and what it does not write does no harm")
  func runs() {
    let line = "a" + Style.bad.applied(to: "b", colors: true) + Style.selected.applied(to: "c", colors: true) + "d"
    let runs = StyledRun.runs(of: line)
    #expect(runs.map(\.text) == ["a", "b", "c", "d"])
    #expect(runs[1].look.color == 1 && runs[2].look.isReversed && runs[3].look == StyledRun.Look())
    for odd in [
      "\u{1b}", "\u{1b}[", "\u{1b}[1", "\u{1b}[;;m", "\u{1b}[38;5;31m", "\u{1b}]0;x", "\u{1b}[999999999999999999999m",
    ] {
      #expect(!StyledRun.text(of: odd + "x").unicodeScalars.contains("\u{1b}"), "\(odd.debugDescription)")
    }
    #expect(StyledRun.runs(of: "\u{1b}[38;5;31mx").first?.look == StyledRun.Look())
  }

  @Test(
    "Codes of characters are keys",
    arguments: [
      (10, .enter), (13, .enter), (27, .escape), (127, .backspace), (8, .backspace), (97, .character("a")),
      (0x5546, .character("商")), (3, nil), (0xd800, nil), (.max, nil),
    ] as [(UInt32, ScreenKey?)])
  func keys(_ code: UInt32, _ key: ScreenKey?) { #expect(ScreenKey(code: code) == key) }
}
