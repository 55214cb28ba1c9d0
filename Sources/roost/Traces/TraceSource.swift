import Control
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
        return try agent.query(query, within: Self.timeout)
      } catch {
        if case .refused(let why) = error { throw CommandFailure(.noAgent, safeText(why)) }
        throw CommandFailure(error)
      }
    }
  }

  /// A search may take longer than a table: the store ends it in time by itself.
  private static let timeout: Duration = .seconds(10)

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
  func traceSource() throws(CommandFailure) -> TraceSource { TraceSource(try agent()) }
}
