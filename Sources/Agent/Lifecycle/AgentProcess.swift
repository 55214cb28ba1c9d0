import Configuration
import Control
import Dashboard
import Exporting
import Journal
import Platform
import Processing
import Receiver
import Sampling
import Statistics
import Store
import TraceModel

/// Version and commit of this program, for `/info`, the commands and the intake.
package struct BuildIdentity: Sendable {
  package var version: String
  package var commit: String

  package init(version: String, commit: String) {
    self.version = version
    self.commit = commit
  }
}

/// The `roost run` that an agent was started for.
package struct OwningRun: Sendable {
  /// The process number of the run, for `roost info`.
  package let pid: Int32
  /// Asked once a second; once false, the agent ends as if by a signal.
  package let isThere: @Sendable () -> Bool

  /// The run of process `pid`, which `isThere` tells from another one with that number.
  package init(pid: Int32, isThere: @escaping @Sendable () -> Bool) {
    self.pid = pid
    self.isThere = isThere
  }
}

/// Why the agent could not start. Each comes with the sentence to print.
package enum AgentStartError: Error {
  case receiver(ReceiverError)
  case control(ControlError)
  case forwarder(ForwarderError)
  case journal(JournalError)
}

/// The agent, put together from its stages; runs in the foreground until a signal ends it.
package struct AgentProcess {
  let loaded: LoadedConfiguration
  var configuration: AgentConfiguration { loaded.value }
  let build: BuildIdentity
  private let controlPath: String?
  private let storePlace: StorePlace
  private let spoolFolder: String?
  let owner: OwningRun?
  private let doctor: (any DoctorRunning)?
  let reading: (@Sendable () throws -> LoadedConfiguration)?
  private let notices: ServiceNotices
  private let pidPath: String?
  let clock: WallClock
  let log: Log
  private let errors = RecentErrors()
  private let startedNs: Int64

  /// From the signal to the last attempt to send. A supervisor may lose patience after 5 s, and there is more to end.
  private static let sendingLimit = Duration.seconds(4)
  /// From the signal to the end of the process, whatever it may then wait for.
  private static let endingLimit = Duration.milliseconds(4_800)
  /// From the signal to the last answer to a command or to the page.
  private static let answeringLimit = Duration.milliseconds(4_300)
  /// What the log's reader gets to take the last lines.
  private static let lastLinesLimit = Duration.milliseconds(300)

  /// - Parameters:
  ///   - configuration: without errors; what else is wrong with it is logged at the start.
  ///   - controlPath: where the commands ask; `nil` when there is no place for the socket.
  ///   - storePlace: where statistics and traces are kept.
  ///   - spoolFolder: where payloads wait on disk that an intake does not take; `nil` for in memory only.
  ///   - owner: what it was started for; `nil` for an agent that ends by a signal only.
  ///   - doctor: what the page runs when somebody asks it for findings.
  ///   - reading: reads the configuration again, as it is then; `nil` when it cannot change.
  ///   - notices: where the service manager wants to be told how the agent does.
  ///   - pidPath: where the process number is left while the agent runs; `nil` for nowhere.
  package init(
    configuration loaded: LoadedConfiguration, build: BuildIdentity, controlPath: String?, storePlace: StorePlace,
    spoolFolder: String? = nil, owner: OwningRun? = nil, doctor: (any DoctorRunning)? = nil,
    reading: (@Sendable () throws -> LoadedConfiguration)? = nil, notices: ServiceNotices = .none,
    pidPath: String? = nil,
    clock: WallClock = .system
  ) {
    self.loaded = loaded
    self.build = build
    self.controlPath = controlPath
    self.storePlace = storePlace
    self.spoolFolder = spoolFolder
    self.owner = owner
    self.doctor = doctor
    self.reading = reading
    self.notices = notices
    self.pidPath = pidPath
    self.clock = clock
    log = Log(loaded.value, clock: clock)
    startedNs = clock.nowNs
  }

  /// Starts, serves until a signal ends it, and sends what is left.
  package func run() throws(AgentStartError) {
    var signals = SignalWaiter(endingAfter: Self.endingLimit)
    defer { log.flush(atMost: Self.lastLinesLimit) }
    ConfigurationNotices.write(loaded, to: log)
    guard configuration.apmEnabled else {
      log.info("apm_config.enabled is false: there is nothing to do")
      // Without it systemd takes the end of a service of its type `notify` for a failure.
      notices.ready("apm_config.enabled is false")
      return
    }
    let running = try start()
    var supervision = Supervision(
      healthPort: owner == nil ? configuration.healthPort : 0, pidPath: pidPath, notices: notices,
      listeners: running.server?.listeners.map { "\($0)" } ?? [], log: log)
    var metrics = MetricsSender(configuration.metricsAddress, log: log)
    serve(running, &signals, &supervision, &metrics)
    supervision.beginStop()
    stop(running, &metrics)
    supervision.stop()
  }

  /// What runs between start and stop.
  struct Running {
    let receiver: TraceReceiver
    let server: HTTPServer?
    let flusher: Flusher
    let store: HistoryStore?
    let forwarder: Forwarder?
    let durability: Durability?
    let checkpoint: StatisticsCheckpoint?
    let control: ControlServer?
    let dashboard: DashboardServer?
    let queries: AgentQueries
    let sockets: SocketRestoring
    let products: ProductServices

    /// Changes with each request, each attempt to send, and each question of a command or the page.
    var activity: Int {
      (server?.connectionCounters.requests ?? 0) &+ (forwarder?.counters.attempts ?? 0)
        &+ (control?.queryCount ?? 0) &+ (dashboard?.requestCount ?? 0)
    }
  }

  private func start() throws(AgentStartError) -> Running {
    let accounting = DeliveryAccounting()
    let receipts = PayloadReceipts()
    let forwarder = try Forwarding.start(
      Forwarding.destinations(configuration, build, log),
      spool: spoolFolder.map {
        SpoolSettings(
          folder: $0, bytesMax: configuration.spoolBytesMax,
          isDurable: Durability.needsDurableSpool(configuration, $0))
      },
      accounting: accounting, receipts: receipts, log: log, errors: errors, clock)
    let opened = try Durability.open(
      configuration, forwarder: forwarder, spoolFolder: spoolFolder, threads: shardCount, receipts: receipts, log: log)
    let reported = ReportedHostname(configuration)
    if let warning = reported.warning { log.warn(warning) }
    let hostname = reported.name
    let peerTags = configuration.peerTagsAggregation ? PeerTags.names(configured: configuration.peerTags) : []
    var pipeline = PipelineParts(
      configuration, hostname: hostname, peerTags: peerTags, version: build.version, forwarder: forwarder,
      threads: shardCount)
    if let warning = StartWarnings.hiddenControlGroups(pipeline.containers) { log.warn(warning) }
    let storing =
      storePlace == .off ? nil : TraceStoring(spansPerSecond: configuration.storeSpansPerSecond)
    pipeline.storing = storing
    let products = ProductServices(
      configuration, hostname: hostname, build: build, pipeline: pipeline, clock: clock, log: log, errors: errors)
    let routes = ServedRoutes(ProductRoutes(configuration, products))
    var parts = ReceivingParts(
      configuration, pipeline: pipeline, routes: routes, peerTags: peerTags, build: build,
      controlPath: controlPath, errors: errors, clock: clock, log: log)
    parts.requests = opened?.requests
    let receiver = TraceReceiver(
      parts, routes: routes, threads: threads, takesCalls: configuration.receiverEnabled)
    let server = try startServer(receiver)
    // Behind the port, which only one agent gets: another one's file is not touched.
    let local = LocalStore.open(configuration, storePlace, nowNs: clock.nowNs, log: log)
    let bucketSizeNs = configuration.bucketSize.nanoseconds
    if let storing, let store = local.store {
      StoreIntake(store, clock: clock).open(storing, shards: receiver.shards, bucketSizeNs: bucketSizeNs)
    } else {
      storing?.open(nil)
    }
    let statistics = RecentStatistics(
      sources: receiver.shards, bucketSizeNs: bucketSizeNs, history: local.history,
      older: local.store.map { OlderThanHistory(store: $0, log: log) }, senders: pipeline.concentrator.senders)
    let checkpoint = StatisticsCheckpoint(
      configuration, spoolFolder: spoolFolder, hasOutputs: !pipeline.outputs.statistics.isEmpty,
      build: build, peerTags: peerTags, receipts: receipts, log: log)
    let flusher = Flusher(
      shards: receiver.shards, statistics: statistics, outputs: pipeline.outputs.statistics, forwarder: forwarder,
      store: local.store, bucketSizeNs: bucketSizeNs, missingStatistics: parts.observers.missingStatistics,
      accounting: accounting, requests: opened?.requests, checkpoint: checkpoint, log: log)
    flusher.sendEarlierStatistics()
    let durability = opened.map { opened in
      Durability(opened) {
        JournalReplay(
          opened.journal.earlier,
          PipelineParts(
            configuration, hostname: hostname, peerTags: peerTags, version: build.version, forwarder: forwarder,
            threads: threads, containers: pipeline.containers),
          routes: routes, bodyBytesMax: configuration.maxPayloadBytes, receipts: receipts, accounting: accounting,
          log: log)
      }
    }
    var queries = AgentQueries(
      agent: AgentDescription(
        configuration: configuration, withoutEffect: loaded.withoutEffect, build: build, hostname: hostname,
        startedNs: startedNs, countedSinceNs: min(local.firstNs ?? startedNs, startedNs), runPid: owner?.pid ?? 0),
      receiver: receiver, server: server, statistics: statistics, store: local.store, forwarder: forwarder,
      accounting: accounting, products: products)
    queries.durability = durability
    let control: ControlServer?
    do {
      control = try startControl(queries)
    } catch {
      server?.stop(deadline: .zero)
      forwarder?.stop(deadline: .now)
      local.store?.stop(deadline: .now)
      throw error
    }
    if let server { logListeners(of: server) }
    return Running(
      receiver: receiver, server: server, flusher: flusher, store: local.store, forwarder: forwarder,
      durability: durability, checkpoint: checkpoint, control: control, dashboard: startDashboard(queries),
      queries: queries,
      sockets: SocketRestoring(server: server, control: control, log: log), products: products)
  }

  /// The page for a browser, when one is wanted. An agent without it is better than none.
  private func startDashboard(_ queries: AgentQueries) -> DashboardServer? {
    guard let wanted = configuration.page else { return nil }
    do throws(DashboardError) {
      let dashboard = try DashboardServer(host: wanted.host, port: wanted.port, answering: queries, doctor: doctor)
      queries.page.url = dashboard.url
      log.info("the page is at \(dashboard.url)")
      if dashboard.isOpenToOthers {
        log.warn("the page is open to whoever reaches \(dashboard.address), with all that traces hold")
      }
      return dashboard
    } catch {
      log.warn("there is no page: \(error)")
      return nil
    }
  }

  /// Half of the processors, as many requests are handled at a time; more than eight would only cost memory.
  var threads: Int {
    configuration.decoders > 0 ? min(configuration.decoders, 64) : min(8, max(1, SystemFacts.processors / 2))
  }

  var shardCount: Int {
    TraceReceiver.shardCount(threads: threads, takesCalls: configuration.receiverEnabled)
  }

  private func startServer(_ receiver: TraceReceiver) throws(AgentStartError) -> HTTPServer? {
    guard configuration.receiverEnabled else {
      log.info("apm_config.receiver_enabled is false: no port and no socket is opened")
      return nil
    }
    do {
      return try receiver.start(ReceiverConfiguration(configuration, threads: threads))
    } catch {
      throw .receiver(error)
    }
  }

  /// Said once the commands are answered too: who waits for these lines may ask at once.
  private func logListeners(of server: HTTPServer) {
    for listener in server.listeners { log.info("listening on \(listener)") }
    for failure in server.listenerFailures {
      SocketRestoring.log(failure, to: log)
    }
  }

  /// Without its control socket the agent still receives and forwards; only the commands cannot ask it. One that was
  /// started for a run is of no use then.
  private func startControl(_ queries: AgentQueries) throws(AgentStartError) -> ControlServer? {
    guard let controlPath else { return nil }
    do {
      let server = try ControlServer(
        path: controlPath, group: controlGroup, isPatient: owner == nil, answering: queries)
      if let failure = server.failure { log.error("the commands cannot ask this agent: \(failure)") }
      if let failure = server.groupFailure { log.warn("local.control_group has no effect: \(failure)") }
      return server
    } catch {
      guard owner == nil else { throw .control(error) }
      log.error("the commands cannot ask this agent: \(error)")
      return nil
    }
  }

  /// `nil` when nobody but the agent's user and root may query, or the system does not know the group.
  private var controlGroup: gid_t? {
    if let warning = StartWarnings.unknownGroup(configuration) { log.warn(warning) }
    return configuration.controlGroup.flatMap { SystemAccounts.groupID(named: $0) }
  }

  private func stop(_ running: Running, _ metrics: inout MetricsSender?) {
    SignalWaiter.begin()
    let deadline = SignalWaiter.began + Self.sendingLimit
    log.info("stopping")
    // A command that says or reads nothing may hold its thread for 2.5 s; meanwhile the rest goes on.
    running.control?.beginStop()
    // Before clients are waited for, some of whom wait for intakes of products: traces shall not wait for those.
    running.products.beginStop(deadline: min(.now + .milliseconds(500), deadline))
    running.server?.drain(deadline: min(.seconds(2), max(.zero, deadline - .now) / 2))
    // Whoever waits for a thread that works on would wait as long as it does; commands and the page may be among them.
    let soon = ContinuousClock.Instant.soon
    let isDone = running.receiver.stopLargeRequests(deadline: soon)
    let free = running.receiver.shards.filter { $0.isFree(until: soon) }
    let isFree = isDone && free.count == running.receiver.shards.count
    if isFree { running.server?.stop(deadline: .zero) }
    running.durability?.beginStop()
    running.flusher.flushAll(nowNs: clock.nowNs)
    running.forwarder?.stop(deadline: deadline)
    running.durability?.stop(deadline: deadline)
    running.checkpoint?.stop(deadline: deadline)
    metrics?.deliver(running.queries.info(of: free))
    // What it has to write is little, and was handed over before the forwarder got the time.
    let isStored = running.store?.stop(deadline: deadline) ?? true
    if !isStored { log.error("ended before the store had written all: what it still held is lost") }
    let areProductsEnded = running.products.stop(deadline: min(.now + .milliseconds(200), deadline))
    // What no intake takes is counted as lost, and is no failure of the agent's.
    let isWhole = isFree && isStored
    if isWhole { SignalWaiter.finished() }
    // What could leave has left by now, however long a question takes that is being answered.
    let isAnswered = isFree && endAnswering(running)
    if !isFree {
      log.error("ended with a request still at work: its payload is lost, and what its thread had gathered")
    }
    log.info(running.queries.summary(of: free))
    guard !isAnswered || !isWhole || !areProductsEnded else { return }
    log.flush(atMost: Self.lastLinesLimit)
    SignalWaiter.endProcess()
  }

  /// Ends the page and the commands' socket; false when something that is being answered does not end in time.
  private func endAnswering(_ running: Running) -> Bool {
    let deadline = SignalWaiter.began + Self.answeringLimit
    let isPageEnded = running.dashboard?.stop(deadline: deadline) ?? true
    let isControlEnded = running.control?.stop(deadline: deadline) ?? true
    if !isPageEnded || !isControlEnded { log.warn("ended before a query of a command or of the page was answered") }
    return isPageEnded && isControlEnded
  }
}

extension Duration {
  /// Whole nanoseconds, clamped to what fits.
  var nanoseconds: Int64 {
    let (seconds, overflow) = components.seconds.multipliedReportingOverflow(by: 1_000_000_000)
    return overflow ? .max : seconds &+ components.attoseconds / 1_000_000_000
  }
}
