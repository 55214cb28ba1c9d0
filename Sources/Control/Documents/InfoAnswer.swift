import JSON

/// What the agent received, kept, sent and dropped since it started, and from whom.
package struct InfoAnswer: Sendable, Equatable, JSONDocument, NamedMembers {
  package static let schema = "roost.info.v1"
  package static let internalMembers: Set = ["now_ns", "run_pid"]
  package static let memberNames = ["startedNs": "started", "configuration": "config", "clientIssues": "misuse"]

  /// The agent's, which may differ from the command's.
  package var version: String
  /// Empty when the build did not know it.
  package var commit: String
  /// Process id of the agent that answered, in its own pid namespace.
  package var pid: Int64
  /// When the agent started, nanoseconds since 1970.
  @Timestamp package var startedNs: Int64
  /// How long the agent has been running, nanoseconds; 0 when its clock was set back.
  package var uptimeNs: UInt64
  /// The name of its machine, as it is sent to the intake.
  package var hostname: String
  /// Addresses and socket paths that accept traces: `127.0.0.1:8126`, `/var/run/datadog/apm.socket`.
  package var listeners: [String] = []
  /// Where traces should be taken too and are not now.
  package var notListening: [ListenerFailureRow] = []
  /// The page for a browser, as a person opens it: `http://127.0.0.1:8127`; `nil` when there is none.
  package var page: String?
  /// The paths it serves, in the order in which `/info` lists them.
  package var endpoints: [String] = []
  /// The settings that explain the numbers.
  package var configuration = ConfigurationSummary()
  /// Everything that was decoded, before sampling.
  package var received = TrafficCounts()
  /// What tracers say they dropped themselves and did not send, traces with priority 0: it is not part of `received`.
  /// They have counted it in the statistics that they send.
  package var clientDropped = TraceCounts()
  /// What sampling kept to be forwarded.
  package var kept = TraceCounts()
  /// What the intake accepted: trace payloads, statistics and the attempts that they took.
  package var sent = SentCounts()
  /// What became of traces at each destination. Where there are several, `sent`, `queued` and `lost` are their sums.
  package var destinations: [DestinationRow] = []
  /// Kept and not yet sent or lost: payloads and bytes of what is finished and waits or is under way, statistics too;
  /// traces and spans of that and of what is still being gathered.
  package var queued = TrafficCounts()
  /// Those of them that wait on disk, because an intake has not taken them.
  package var spooled = TrafficCounts()
  /// What an earlier agent had left on disk when this one started. It is no part of `kept`, and leaves as what is kept does.
  package var restored = TrafficCounts()
  /// Not kept, by reason; payloads where whole payloads were lost. With `kept` it makes up `received`, in traces.
  package var dropped: [String: LossCounts] = [:]
  /// What rules of the configuration dropped, by reason and rule (`filter_tags_reject env:dev`); a part of `dropped`.
  package var filtered: [String: LossCounts] = [:]
  /// Texts of which it could not be told whether the pattern of a rule matches them, since that took too long; by step and
  /// rule (`replace_tags http.url:(a+)+$`).
  package var undecided: [String: UInt64] = [:]
  /// Kept, and given up before the intake took it, by reason. With `sent` and `queued` it makes up `kept` and
  /// `restored`, in traces and spans, where there is an intake. The reasons of statistics begin with `stats_`.
  package var lost: [String: LossCounts] = [:]
  /// What became of all that came since the start.
  package var ledger = Ledger()
  /// The same of the last whole minute; `nil` before there was one.
  package var lastMinute: MinuteLedger?
  /// Requests that were answered with an error, by reason.
  package var refused: [String: UInt64] = [:]
  /// Oddities that were repaired while normalizing, by reason, in spans.
  package var malformed: [String: UInt64] = [:]
  /// What clients did wrong, by kind; see `ClientIssueRow`.
  package var clientIssues: [ClientIssueRow] = []
  /// What clients lost on the way in, by client, service and reason; the most recent first.
  package var clientLosses: [ClientLossRow] = []
  /// One for each kind of client and endpoint.
  package var clients: [ClientRow] = []
  /// Processes that sent traces, in the order in which they first did.
  package var processes: [ProcessRow] = []
  /// Requests of products other than tracing, which are in none of the counts of payloads.
  package var products: [ProductRow] = []
  /// Tracers as they described themselves in their telemetry, the one that was heard of last first.
  package var tracers: [TracerRow] = []
  /// Sampling rates 0…1 that clients get, by `service:NAME,env:NAME`.
  package var rates: [String: Double] = [:]
  /// Services that the sampler forgot because there were too many.
  package var catalogEvictions: UInt64 = 0
  /// What the rare sampler found; `nil` when it is off.
  package var rareSampler: RareSamplerCounts?
  /// How the agent's clients connect.
  package var connections = ConnectionSummary()
  /// When the intake last took a payload, and how it last failed.
  package var intake = IntakeSummary()
  /// The file of statistics; `nil` when they are in memory only.
  package var store: StoreSummary?
  /// The requests that are on disk before they are answered; `nil` where that is not so, and none were left.
  package var durability: DurabilitySummary?
  /// What it took of a processor in the last seconds, in percent of one.
  package var cpuPercent: UInt64 = 0
  /// What the agent takes up.
  package var memory = MemorySummary()
  /// The payloads that could not be decoded last, the newest first.
  package var badPayloads: [BadPayloadRow] = []
  /// The errors that were logged last, the newest first.
  package var lastErrors: [RecentError] = []
  /// Lines of the log that nobody read in time, or that could not be written.
  package var logLinesLost: UInt64 = 0
  /// Receiving threads that did not end a request in time: all that they have counted is missing. `nil` when none is.
  package var missingThreads: UInt64?
  /// The agent's clock when it answered, nanoseconds since 1970; ages are counted from here.
  package var nowNs: Int64
  /// The process of the `roost run` that the agent was started for, and with which it ends; 0 for none.
  package var runPid: Int64 = 0

  /// All counters zero, to be filled in.
  package init(version: String, commit: String, pid: Int64, startedNs: Int64, nowNs: Int64, hostname: String) {
    self.version = version
    self.commit = commit
    self.pid = pid
    self.startedNs = startedNs
    self.nowNs = nowNs
    self.hostname = hostname
    let (elapsed, overflow) = nowNs.subtractingReportingOverflow(startedNs)
    uptimeNs = overflow ? 0 : UInt64(clamping: elapsed)
  }
}

/// What the sampler of rare spans has done since the agent started, in the names of Datadog's trace-agent.
package struct RareSamplerCounts: Sendable, Equatable, Codable {
  /// Traces that were kept for a rare span.
  package var hits: UInt64
  /// Rare spans beyond the traces a second that it may keep.
  package var misses: UInt64
  /// Services with so many kinds of spans that several kinds count as one.
  package var shrinks: UInt64

  /// The three counts as the sampler has them.
  package init(hits: UInt64, misses: UInt64, shrinks: UInt64) {
    self.hits = hits
    self.misses = misses
    self.shrinks = shrinks
  }
}

/// What the agent's process takes up.
package struct MemorySummary: Sendable, Equatable, Codable {
  /// Resident bytes, as the system counts them.
  package var rssBytes: UInt64 = 0

  /// Zero, to be filled in.
  package init() {}
}

/// Something that went wrong in the agent, as it was logged.
package struct RecentError: Sendable, Equatable, Codable {
  /// When it was logged, nanoseconds since 1970.
  @Timestamp package var atNs: Int64
  /// The line of the log; holds no secrets.
  package var message: String

  /// An error as it was logged.
  package init(atNs: Int64, message: String) {
    self.atNs = atNs
    self.message = message
  }
}

extension RecentError: NamedMembers {
  /// Where the document's names differ from the properties'.
  package static let memberNames = ["atNs": "at"]
}
