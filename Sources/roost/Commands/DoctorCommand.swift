import Configuration
import Control
import Diagnosis
import Inspection
import JSON
import Terminal
import Text

/// `roost doctor`: why traces do not arrive, from what can be seen of the machine, the apps and the agent.
enum DoctorCommand: RoostCommand {
  static let model = CommandModel(
    "doctor", summary: "Find out why an app's traces do not arrive.",
    details: """
      Looks at this machine, at the processes that are traced and at the agent, tries the addresses
      that they use, and says what is wrong and what to type. Changes nothing and sends nothing
      elsewhere. Exit code 0 when all is well, 1 for a problem, 2 for warnings with --strict.
      roost explain ID says more about a finding. JSON: roost.doctor.v1.
      """,
    options: [
      OptionModel("pid", value: "PID", help: "Look at this process only."),
      OptionModel("name", value: "NAME", help: "Look at processes of this name: python, gunicorn, app.py."),
      OptionModel("url", value: "URL", help: "Try this address of an agent: http://agent:8126."),
      OptionModel("log", value: "FILE", help: "Explain the tracers' lines in this file; - reads standard input."),
      OptionModel("strict", help: "Exit with 2 when there are warnings."),
      OptionModel("verbose", short: "v", help: "List every check, also those that passed."),
      OptionModel("evidence", value: "FILE", help: "Judge evidence that was saved, instead of looking."),
      OptionModel(
        "save-evidence", value: "FILE",
        help: "Keep what was seen as a document without secrets; - prints it, and no report."),
    ],
    globals: ["config", "json", "color", "width"])

  static func run(_ context: CommandContext) throws(CommandFailure) -> ExitCode {
    var evidence = try evidence(context)
    if let path = context.parsed.value("log") { try read(log: path, into: &evidence) }
    let kept = context.parsed.value("save-evidence")
    if let kept { try save(evidence, to: kept) }
    let examination = Examination(evidence)
    let report = DoctorReport(examination, evidence)
    // Two documents, or a document and a report, on one stream would be neither.
    if kept != "-" {
      let lines = report.lines(context.drawing, verbose: context.parsed.has("verbose"))
      context.show(DoctorDocument(examination).document, lines)
    }
    if report.count(.problem) > 0 { return .findings }
    return context.parsed.has("strict") && report.count(.warning) > 0 ? .warnings : .fine
  }

  private static func evidence(_ context: CommandContext) throws(CommandFailure) -> Evidence {
    let subject = try subject(context.parsed)
    if let path = context.parsed.value("evidence") {
      guard subject == .machine else {
        throw CommandFailure(.usage, "--evidence is judged as it is; --pid, --name and --url look at this machine")
      }
      do {
        return try whole(try Evidence(json: try SmallFile.text(path, bytesMax: evidenceBytesMax)), path)
      } catch let failure as CommandFailure {
        throw failure
      } catch {
        throw CommandFailure(.unreadableInput, "\(safeText(path)) is no evidence document: \(safeText("\(error)"))")
      }
    }
    let inForce = try ConfigurationInForce(context)
    let found = try AgentFinder.find(inForce)
    var agent: AgentEvidence?
    if case .visible(let client) = found { agent = try agentEvidence(client) }
    var evidence = EvidenceCollector.collect(
      CollectionRequest(
        subject, configuration: ConfigurationEvidence(inForce.loaded), agent: agent,
        otherPorts: agent == nil ? OtherAgents.ports(near: try inForce.controlPath()).map(Int.init) : []))
    if case .hidden(let hidden) = found {
      evidence.isAgentHidden = true
      evidence.notChecked.insert(NotChecked(hidden), at: 0)
    }
    if let missing = agent.flatMap({ MissingThreads.clause($0.missingThreads) }) {
      evidence.notChecked.insert(NotChecked(what: "all that the agent has seen", why: missing), at: 0)
    }
    guard evidence.processes.isEmpty else { return evidence }
    switch subject {
    case .process(let pid): throw CommandFailure(.unreadableInput, "there is no process \(pid)")
    case .named(let names):
      throw CommandFailure(
        .unreadableInput, "there is no process named \(names.map(safeText).joined(separator: " or "))")
    case .machine, .url: return evidence
    }
  }

  /// A document that says nothing of a machine, a process or a log would pass for a healthy one.
  private static func whole(_ evidence: Evidence, _ path: String) throws(CommandFailure) -> Evidence {
    guard evidence.isEmpty else { return evidence }
    throw CommandFailure(
      .unreadableInput,
      "\(safeText(path)) holds no evidence: it has no agent, host, processes, resolutions, probes or log")
  }

  /// An evidence document holds some processes and probes; more is no such document.
  private static let evidenceBytesMax = 16 << 20

  private static func subject(_ parsed: ParsedArguments) throws(CommandFailure) -> CollectionRequest.Subject {
    let given = ["pid", "name", "url"].filter(parsed.has)
    guard given.count <= 1 else {
      throw CommandFailure(.usage, "--\(given[0]) and --\(given[1]) are two questions; ask one at a time")
    }
    if let text = parsed.value("pid") {
      guard let pid = Int64(text), pid > 0 else {
        throw CommandFailure(.usage, "--pid takes the number of a process, not \"\(safeText(text))\"")
      }
      return .process(pid)
    }
    if let names = parsed.options["name"] { return .named(names) }
    return parsed.value("url").map { .url($0) } ?? .machine
  }

  /// `nil` when no agent answers; then that is what the rules go by. One that has no time for the whole answer is no agent
  /// that has seen nothing: that is thrown.
  private static func agentEvidence(_ client: ControlClient) throws(CommandFailure) -> AgentEvidence? {
    guard case .info(let info)? = try? client.query(.info) else { return nil }
    do throws(ControlError) {
      guard case .observations(let observed) = try client.query(.observations) else {
        throw .malformed("the agent answered another question than was asked")
      }
      return AgentEvidence(info, observed)
    } catch {
      // An agent of before this version counts no client issues.
      guard error.isUnknownQuery else { throw CommandFailure(error) }
      return AgentEvidence(info, ObservationsAnswer())
    }
  }

  private static func read(log path: String, into evidence: inout Evidence) throws(CommandFailure) {
    do throws(LogFile.Failure) {
      evidence.take(try LogFile.read(path, agents: evidence.agentPlaces))
    } catch {
      throw CommandFailure(.unreadableInput, "cannot read \(safeText(error.path)): \(error.reason)")
    }
  }

  private static func save(_ evidence: Evidence, to path: String) throws(CommandFailure) {
    let text: String
    do { text = try evidence.json } catch { throw CommandFailure(.internalError, "\(error)") }
    try SmallFile.write(text, to: path)
  }
}

extension NotChecked {
  /// What an agent could have told that this user cannot query.
  fileprivate init(_ agent: HiddenAgent) {
    let command = agent.command().map { "; type: \($0)" } ?? ""
    self.init(what: "what the agent has seen", why: "\(agent.name) has \(agent.address); \(agent.obstacle)\(command)")
  }
}
