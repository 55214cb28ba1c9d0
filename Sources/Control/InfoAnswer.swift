/// What the agent received, kept, sent and dropped since it started, and from whom.
package struct InfoAnswer: Sendable, Equatable {
  /// The agent's, which may differ from the command's.
  package var version: String
  /// Empty when the build did not know it.
  package var commit: String
  /// The agent's process.
  package var pid: Int64
  /// The process of the `roost run` that the agent was started for, and with which it ends; 0 for none.
  package var runPid: Int64
  /// Nanoseconds since 1970.
  package var startedNs: Int64
  /// The agent's clock when it answered, nanoseconds since 1970; ages are counted from here.
  package var nowNs: Int64
  /// As it is sent to the intake.
  package var hostname: String
  /// Addresses and socket paths that accept traces: `127.0.0.1:8126`, `/var/run/datadog/apm.socket`.
  package var listeners: [String]
  /// The paths it serves, in the order in which `/info` lists them.
  package var endpoints: [String]
  /// What explains the numbers.
  package var configuration: ConfigurationSummary
  /// Everything that was decoded, before sampling.
  package var received: TrafficCounts
  /// What sampling kept to be forwarded; only traces and spans.
  package var kept: TrafficCounts
  /// What the intake took.
  package var sent: SentCounts
  /// Kept and not yet sent or lost: payloads and bytes of what is finished and waits or is under way, statistics too;
  /// traces and spans of that and of what is still being gathered.
  package var queued: TrafficCounts
  /// Not kept, by reason; payloads where whole payloads were lost. With `kept` it makes up `received`, in traces.
  package var dropped: [String: TrafficCounts]
  /// Kept, and given up before the intake took it, by reason. With `sent` and `queued` it makes up `kept`, in traces and
  /// spans, where there is an intake. The reasons of statistics begin with `stats_`.
  package var lost: [String: TrafficCounts]
  /// Requests that were answered with an error, by reason.
  package var refused: [String: UInt64]
  /// Oddities that were repaired while normalizing, by reason, in spans.
  package var malformed: [String: UInt64]
  /// What clients did wrong, by kind; see `ClientIssueRow`.
  package var clientIssues: [ClientIssueRow]
  /// One for each kind of client and endpoint.
  package var clients: [ClientRow]
  /// Processes that sent traces, in the order in which they first did.
  package var processes: [ProcessRow]
  /// Sampling rates 0…1 told to the clients, by `service:NAME,env:NAME`.
  package var rates: [String: Double]
  /// Services that the sampler forgot because there were too many.
  package var catalogEvictions: UInt64
  /// How the agent's clients connect.
  package var connections: ConnectionSummary
  /// How the intake answers.
  package var intake: IntakeSummary
  /// Resident memory of the agent.
  package var residentBytes: UInt64
  /// Newest first.
  package var lastErrors: [RecentError]

  /// All counters zero, to be filled in.
  package init(version: String, commit: String, pid: Int64, startedNs: Int64, nowNs: Int64, hostname: String) {
    self.init(FieldReader(nil))
    self.version = version
    self.commit = commit
    self.pid = pid
    self.startedNs = startedNs
    self.nowNs = nowNs
    self.hostname = hostname
  }

  /// How long the agent has been running, nanoseconds; 0 when its clock was set back.
  package var uptimeNs: UInt64 {
    let (elapsed, overflow) = nowNs.subtractingReportingOverflow(startedNs)
    return overflow ? 0 : UInt64(clamping: elapsed)
  }
}

/// Something that went wrong in the agent, as it was logged.
package struct RecentError: Sendable, Equatable {
  /// Nanoseconds since 1970.
  package var atNs: Int64
  /// Holds no secrets.
  package var message: String

  /// An error as it was logged.
  package init(atNs: Int64, message: String) {
    self.atNs = atNs
    self.message = message
  }
}

extension RecentError: ControlFieldsConvertible {
  init(_ fields: FieldReader) {
    atNs = fields.signed("at_ns")
    message = fields.text("message")
  }

  func write(to fields: inout FieldWriter) {
    fields.set("at_ns", atNs)
    fields.set("message", message)
  }
}
