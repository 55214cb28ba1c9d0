import Agent
import Control
import Store
import Terminal
import Text
import Traces

/// Where traces come from: the running agent, or the file that one has left.
struct TraceSource {
  /// The option that names a file.
  static let option = OptionModel(
    "db", value: "FILE", help: "Read the traces that an agent keeps in FILE (local.db), and ask no agent.")

  private let ask: (ControlQuery) throws(CommandFailure) -> ControlAnswer
  /// What the agent counted; `nil` for a file.
  let agent: ControlClient?

  /// The traces that a running agent keeps.
  init(_ agent: ControlClient) {
    self.agent = agent
    ask = { query throws(CommandFailure) in
      do throws(ControlError) {
        return try agent.query(query)
      } catch {
        if case .refused(let why) = error { throw CommandFailure(.noAgent, safeText(why)) }
        throw CommandFailure(error)
      }
    }
  }

  /// The traces of a file, with no agent asked.
  init(file path: String) throws(CommandFailure) {
    let stored = try TableSource.read { () throws(StoreError) in TraceAnswers(try StoredTraces(path: path)) }
    agent = nil
    ask = { query throws(CommandFailure) in
      let answer: ControlAnswer =
        switch query {
        case .traces(let query): stored.traces(query, nowNs: WallNow.ns)
        case .trace(let selector): stored.trace(selector)
        default: .refused("a file has traces only")
        }
      if case .refused(let why) = answer { throw CommandFailure(.unreadableInput, safeText(why)) }
      return answer
    }
  }

  func traces(_ query: TracesQuery) throws(CommandFailure) -> TracesAnswer {
    guard case .traces(let answer) = try ask(.traces(query)) else { throw Self.unexpected }
    return answer
  }

  /// The trace of a selector; where there is none, or several, that is thrown.
  func trace(_ selector: TraceSelector) throws(CommandFailure) -> TraceAnswer {
    switch try ask(.trace(selector)) {
    case .trace(let answer): return answer
    case .noTrace(let answer):
      let (text, hint) = NoTracesReport.message(selector, answer)
      throw CommandFailure(.findings, text, hint: hint)
    default: throw Self.unexpected
    }
  }

  private static let unexpected = CommandFailure(.internalError, "the agent answered another question than was asked")
}

extension CommandContext {
  /// Where the traces come from that were asked for.
  func traceSource() throws(CommandFailure) -> TraceSource {
    if let path = try TableSource.file(parsed) { return try TraceSource(file: path) }
    return TraceSource(try agent())
  }
}
