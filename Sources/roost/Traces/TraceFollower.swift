import Control
import JSON
import Terminal
import Traces

/// `roost traces --follow`: prints each trace when it has arrived, until the process is ended, nobody reads any more, or as
/// many are printed as were asked for.
struct TraceFollower {
  /// Traces of one query; as many queries follow each other as are needed.
  private static let batchMax = 1_000

  private let source: TraceSource
  private let filter: TraceFilter
  private let isJSON: Bool
  private var drawing: Drawing
  /// Traces that are still to be printed; `nil` sets no limit.
  private var left: Int?
  private var hasToldOfClocks = false

  init(_ source: TraceSource, _ filter: TraceFilter, _ context: CommandContext) throws(CommandFailure) {
    self.source = source
    self.filter = filter
    isJSON = context.parsed.has("ndjson") || context.options.json
    drawing = context.drawing
    left = try context.tableOptions.limit
  }

  /// - Parameter sinceNs: traces from this start on are printed first, the oldest first; `nil` for those only that arrive
  ///   from now on. In ns since 1970.
  mutating func run(sinceNs: Int64?) throws(CommandFailure) -> ExitCode {
    var first: TracesAnswer
    if let sinceNs {
      first = try earlier(sinceNs)
      reportWhatIsLeftOut(first)
    } else {
      // Without the filter, a query for the place where arrivals go on from has nothing to search.
      first = try source.traces(TracesQuery(limit: 1))
      first.rows = []
    }
    let before = Array(first.rows.reversed())
    var following = TraceFollowing(printed: before)
    var place = first.arrivedUpTo ?? 0
    print(before, first.nowNs)
    var failure: String?
    while goesOn {
      do throws(CommandFailure) {
        try look(&following, &place)
        if failure != nil { Output.failure("the agent answers again") }
        failure = nil
      } catch {
        // The agent may be restarted; an agent without traces will not get any.
        guard error.code == .noAgent || error.code == .temporary else { throw error }
        if failure != error.message { Output.failure(error.message) }
        failure = error.message
      }
      if goesOn { Output.waitForReader() }
    }
    return .fine
  }

  /// The traces from a start on, the newest first. A search ends early, to answer in time; the next one goes on from
  /// there.
  private func earlier(_ sinceNs: Int64) throws(CommandFailure) -> TracesAnswer {
    var query = TracesQuery(filter: filter, sinceNs: sinceNs, limit: ControlProtocol.rowsMax)
    var answer = try source.traces(query)
    while let reachedNs = answer.searchedBackToNs, answer.hasMore != true, !Output.isClosed {
      query.limit = ControlProtocol.rowsMax - answer.rows.count
      guard query.limit > 0 else {
        answer.hasMore = true
        break
      }
      query.untilNs = reachedNs
      let next = try source.traces(query)
      // A trace that has grown meanwhile may begin earlier than it did.
      let known = Set(answer.rows.map(\.id))
      answer.rows += next.rows.filter { !known.contains($0.id) }
      answer.hasMore = next.hasMore
      answer.searchedBackToNs = next.searchedBackToNs
      // One that comes no further would not the next time either.
      guard let nextNs = next.searchedBackToNs, nextNs < reachedNs else { break }
    }
    return answer
  }

  private func reportWhatIsLeftOut(_ first: TracesAnswer) {
    if first.hasMore == true {
      Output.failure("only the newest \(first.rows.count) of the traces since then are printed")
    } else if let reachedNs = first.searchedBackToNs {
      Output.failure("the search took too long: traces before \(LocalTime.here.full(reachedNs)) are left out")
    }
  }

  private var goesOn: Bool { !Output.isClosed && left != 0 }

  /// Takes all that came since the last look.
  private mutating func look(_ following: inout TraceFollowing, _ place: inout Int64) throws(CommandFailure) {
    var answer: TracesAnswer
    repeat {
      answer = try source.traces(TracesQuery(filter: filter, arrivedAfter: place, limit: Self.batchMax))
      place = answer.arrivedUpTo ?? place
      print(following.take(answer.rows), answer.nowNs)
    } while answer.hasMore == true && goesOn
    print(following.endLook(), answer.nowNs)
  }

  private mutating func print(_ rows: [TraceSummary], _ nowNs: Int64) {
    let rows = left.map { Array(rows.prefix($0)) } ?? rows
    guard !rows.isEmpty else { return }
    left = left.map { $0 - rows.count }
    if isJSON {
      rows.map(\.line).forEach(Output.line)
    } else {
      let report = TracesReport(TracesAnswer(nowNs: nowNs, rows: rows), time: .here)
      report.growingLines(drawing).forEach(Output.line)
      drawing.header = false
      if let note = report.clockNote, !hasToldOfClocks {
        Output.problem(note)
        hasToldOfClocks = true
      }
    }
    Output.flush()
  }
}

extension TraceSummary {
  /// The row as one line of JSON.
  var line: String { (try? JSONValueEncoder.encode(self))?.compactText ?? "" }
}
