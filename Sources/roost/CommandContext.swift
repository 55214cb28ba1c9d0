import Control
import JSON
import Platform
import Terminal

/// What a command has at hand: what was typed, and the surroundings it runs in.
struct CommandContext: Sendable {
  let parsed: ParsedArguments
  let options: GlobalOptions
  let environment: [String: String]

  init(_ parsed: ParsedArguments, _ options: GlobalOptions) {
    self.parsed = parsed
    self.options = options
    environment = ProcessSurroundings.environment
  }

  /// How to draw on standard output.
  var drawing: Drawing { drawing(on: STDOUT_FILENO) }

  /// How to draw on standard error, for a command whose output is another program's.
  var errorDrawing: Drawing { drawing(on: STDERR_FILENO) }

  /// What was typed of a table's order, length and repetition.
  var tableOptions: TableOptions {
    get throws(CommandFailure) {
      do { return try TableOptions(parsed) } catch {
        throw CommandFailure(
          .usage, error.message, hint: error.command.map { "Try `roost \($0) --help`." })
      }
    }
  }

  private func drawing(on descriptor: CInt) -> Drawing {
    Drawing(
      width: options.width ?? ProcessSurroundings.width(of: descriptor) ?? ProcessSurroundings.width(environment),
      colors: options.color.isColored(
        environment: environment, isTerminal: ProcessSurroundings.isTerminal(descriptor)),
      header: options.header)
  }

  /// The agent that the configuration in force leads to.
  func agent() throws(CommandFailure) -> ControlClient {
    switch try AgentFinder.find(ConfigurationInForce(self)) {
    case .visible(let agent): return agent
    case .hidden(let agent): throw agent.failure
    case .none(let problem, let onPort): throw CommandFailure(problem, onPort)
    }
  }

  /// Says on standard error when `--since` asks for more than there is.
  func noteLongWindow(_ covered: CoveredTime?) {
    guard let window = options.windowNs, window > ControlProtocol.historyNs, let text = options.windowText else {
      return
    }
    // What is older than a day is kept by the hour.
    let step: Int64 = window > 86_400_000_000_000 ? 3_600_000_000_000 : 60_000_000_000
    let length = Int64(clamping: covered?.lengthNs ?? 0)
    if length < window - step {
      Output.problem("roost: there are no older statistics: what is shown does not reach back \(text)")
    }
  }

  /// Prints a report: the document when `--json` was typed, else its lines.
  func show(_ document: JSONValue, _ lines: [String]) {
    if options.json { Output.line(document.text) } else { lines.forEach(Output.line) }
  }
}

extension ControlClient {
  func info() throws(CommandFailure) -> InfoAnswer {
    guard case .info(let answer) = try answer(.info) else { throw Self.unexpected }
    return answer
  }

  func services(_ query: ServicesQuery) throws(CommandFailure) -> ServicesAnswer {
    guard case .services(let answer) = try answer(.services(query)) else { throw Self.unexpected }
    return answer
  }

  func resources(_ query: ResourcesQuery) throws(CommandFailure) -> ResourcesAnswer {
    guard case .resources(let answer) = try answer(.resources(query)) else { throw Self.unexpected }
    return answer
  }

  func diff(_ query: DiffQuery) throws(CommandFailure) -> DiffAnswer {
    guard case .diff(let answer) = try answer(.diff(query)) else { throw Self.unexpected }
    return answer
  }

  func badPayload(_ query: BadPayloadQuery) throws(CommandFailure) -> BadPayloadAnswer {
    guard case .badPayload(let answer) = try answer(.badPayload(query)) else { throw Self.unexpected }
    return answer
  }

  private func answer(_ query: ControlQuery) throws(CommandFailure) -> ControlAnswer {
    do {
      return try self.query(query)
    } catch {
      throw CommandFailure(error)
    }
  }

  private static let unexpected = CommandFailure(.internalError, "the agent answered another question than was asked")
}
