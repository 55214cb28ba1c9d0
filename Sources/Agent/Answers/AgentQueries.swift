import Configuration
import Control
import Exporting
import Processing
import Receiver
import Sampling
import Statistics
import Store
import TraceModel
import Traces

/// Which agent this is, since when, and with what settings.
struct AgentDescription: Sendable {
  let configuration: AgentConfiguration
  /// What was set and changes nothing.
  var withoutEffect: [SettingWithoutEffect] = []
  let build: BuildIdentity
  let hostname: String
  /// When the agent started, in ns since 1970.
  let startedNs: Int64
  /// From when on there are statistics: from the start, or from where the store's begin; ns since 1970.
  let countedSinceNs: Int64
  /// Of the `roost run` that the agent was started for; 0 for none.
  let runPid: Int32
}

/// Answers what the commands ask, from the shards, the history and the forwarder.
struct AgentQueries: ControlAnswering {
  let agent: AgentDescription
  let receiver: TraceReceiver
  /// `nil` when nothing is received.
  let server: HTTPServer?
  let statistics: RecentStatistics
  /// `nil` when no traces are kept, and statistics for an hour only.
  let store: HistoryStore?
  let forwarder: Forwarder?
  let accounting: DeliveryAccounting
  /// `nil` where requests are answered without being on disk, and none were left of an earlier agent.
  var durability: Durability?
  let products: ProductServices
  /// `nil` when the agent keeps no traces.
  private let traces: AgentTraces?
  /// Where the page is, once there is one.
  let page = OpenPage()
  let processorUse = ProcessorUse()
  /// What became of traces in the last minute.
  let ledgers: LedgerBook

  init(
    agent: AgentDescription, receiver: TraceReceiver, server: HTTPServer?, statistics: RecentStatistics,
    store: HistoryStore?, forwarder: Forwarder?, accounting: DeliveryAccounting, products: ProductServices
  ) {
    self.agent = agent
    self.receiver = receiver
    self.server = server
    self.statistics = statistics
    self.store = store
    self.forwarder = forwarder
    self.accounting = accounting
    ledgers = LedgerBook(startedNs: agent.startedNs)
    self.products = products
    traces = store.map { AgentTraces($0, shards: receiver.shards) }
  }

  var observers: SharedObservers { receiver.parts.observers }
  var clock: WallClock { receiver.parts.clock }

  func answer(_ query: ControlQuery) -> ControlAnswer {
    switch query {
    case .ping: .pong
    case .info: .info(info())
    case .observations: .observations(observed())
    case .services(let query): .services(services(query))
    case .resources(let query): .resources(tables(query.windowNs, query.range).resources(query))
    case .series(let query): .series(series(query))
    case .histogram(let query): .histogram(tables(query.windowNs, query.range).histogram(query))
    case .traces(let query): listed(query)
    case .trace(let selector): traces?.trace(selector) ?? .refused(Self.noTraces)
    case .diff(let query):
      .diff(StatisticsDiff(query, side(query.a), side(query.b), nowNs: clock.nowNs).answer)
    case .badPayload(let query): .badPayload(observers.badPayloads.answer(query))
    }
  }

  private func services(_ query: ServicesQuery) -> ServicesAnswer {
    let tables = tables(query.windowNs, query.range)
    var answer = tables.services(query)
    let now = clock.nowNs
    // Losses are not counted by time.
    guard CountedTime(query.windowNs, query.range, nowNs: now, reachNs: statistics.reachNs).endsNow else {
      return answer
    }
    let deadline = ContinuousClock.Instant.soon
    let losses = receiver.shards.compactMap { $0.clientLosses(until: deadline) }
    let dropped = tables.dropped(
      losses, env: query.env, counted: statistics.collect(sinceNs: now &- ControlProtocol.historyNs))
    answer.dropped = dropped.isEmpty ? nil : dropped
    if let missing = receiver.shards.missing(losses.count) {
      let before = answer.covered?.missingThreads ?? 0
      answer.covered?.missingThreads = max(missing, before)
    }
    return answer
  }

  /// Ends the minute of the ledger when it is over. To be called once a second.
  func noteMinute() {
    let now = clock.nowNs
    guard ledgers.isDue(nowNs: now) else { return }
    let info = info(within: .milliseconds(250))
    // What a thread at work has counted would be missing: the next second will do as well.
    if info.missingThreads == nil { ledgers.note(info.ledger, nowNs: now) }
  }

  func mayTakeLong(_ query: ControlQuery) -> Bool {
    let soon = ContinuousClock.now + .milliseconds(50)
    return query.mayTakeLong { statistics.isInMemory(sinceNs: clock.nowNs &- max($0, 0), until: soon) }
  }

  func claim(bytes: Int) -> AnswerClaim? {
    let claim = MemoryClaim(receiver.parts.pipeline.memory)
    // An agent that may take little can still be asked.
    let most = agent.configuration.maxMemoryBytes > 0 ? agent.configuration.maxMemoryBytes / 4 : .max
    guard claim.add(min(bytes, most)) else { return nil }
    return AnswerClaim { claim.release() }
  }

  /// The traces that were found, and how many of that time were not kept.
  private func listed(_ query: TracesQuery) -> ControlAnswer {
    guard let traces else { return .refused(Self.noTraces) }
    let answer = traces.traces(asCounted(query), nowNs: clock.nowNs)
    guard case .traces(var list) = answer else { return answer }
    guard query.arrivedAfter == nil, let storing = receiver.parts.pipeline.storing else { return .traces(list) }
    let thinned = storing.thinning.withLock { $0.thinnedTraces(sinceNs: query.sinceNs, untilNs: query.untilNs) }
    list.thinnedTraces = thinned > 0 ? thinned : nil
    return .traces(list)
  }

  /// The query with an environment meaning what it does in the tables of statistics, and the machine's tags found.
  private func asCounted(_ query: TracesQuery) -> TracesQuery {
    var query = query
    // Each trace has an environment of its own.
    let tags = agent.configuration.allHostTags.filter { $0.key != "env" }.map { ($0.key, $0.value) }
    query.filter = query.filter.findingTracesWithoutEnv(as: receiver.parts.pipeline.concentrator.defaultEnv)
      .findingTags(ofMachine: tags)
    return query
  }

  private static let noTraces =
    "this agent keeps no traces: local.db is off, or its log says at the start why there is no store"

  /// What was counted in the time asked for, a second at least, and which time that is: it begins with a whole step, and
  /// not before there were statistics.
  private func tables(_ windowNs: Int64?, _ range: TimeRange?) -> StatisticsTables {
    let now = clock.nowNs
    let time = CountedTime(windowNs, range, nowNs: now, reachNs: statistics.reachNs)
    let aggregate = statistics.collect(sinceNs: time.startNs, untilNs: time.endsNow ? .max : time.endNs)
    let endNs = min(aggregate.endNs, now)
    let startNs = min(max(aggregate.startNs, agent.countedSinceNs), endNs)
    return StatisticsTables(
      aggregate: aggregate,
      covered: CoveredTime(startNs: startNs, endNs: endNs, missingThreads: aggregate.missingSources))
  }

  private func side(_ selection: DiffSelection) -> StatisticsDiff.Side {
    let now = clock.nowNs
    let aggregate = statistics.collect(
      sinceNs: max(selection.sinceNs ?? 0, now &- statistics.reachNs), untilNs: selection.untilNs ?? .max,
      version: selection.version)
    return StatisticsDiff.Side(selection, aggregate, countedSinceNs: agent.countedSinceNs, nowNs: now)
  }
}
