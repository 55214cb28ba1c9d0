import Configuration
import Control
import Decoding
import Exporting
import Platform
import Processing
import Receiver
import Sampling
import Statistics
import TraceModel

/// From the configuration to what each stage wants to know.
extension PipelineParts {
  init(
    _ configuration: AgentConfiguration, hostname: String, peerTags: [String], version: String, forwarder: Forwarder?,
    threads: Int = 1, containers: ContainerResolver? = nil
  ) {
    let containers = containers ?? ContainerResolver(configuration)
    self.containers = containers
    installTags = InstallTags(configuration)
    otlp = OTLPMapping(configuration)
    otlpSampler = OTLPSampler(
      percentage: configuration.otlp.samplingPercentage,
      leavesItToProbability: configuration.probabilisticSamplerEnabled)
    let env = Self.normalized(configuration.defaultEnv)
    keys = KeyTable(peerTags: peerTags)
    processing = Self.steps(configuration, threads: threads)
    var concentrator = ConcentratorConfiguration()
    concentrator.bucketSizeNs = configuration.bucketSize.nanoseconds
    concentrator.countsBySpanKind = configuration.computeStatsBySpanKind
    concentrator.usesPeerTags = configuration.peerTagsAggregation
    concentrator.defaultEnv = env
    concentrator.budget = StatisticsBudget(bytesMax: configuration.maxMemoryBytes / Self.statisticsShare)
    self.concentrator = concentrator
    let samplers = Samplers(configuration: SamplingConfiguration(configuration, env: env))
    self.samplers = samplers
    var identity = AgentIdentity(
      hostname: hostname, env: env, version: version, targetTPS: configuration.targetTPS,
      errorTPS: configuration.errorTPS, hasRareSampler: configuration.rareSamplerEnabled,
      tags: configuration.allHostTags.map { ($0.key, $0.value) })
    identity.targets = { samplers.targets }
    outputs = AgentOutputs(configuration, identity: identity, keys: keys, forwarder, containers: containers)
    self.forwarder = forwarder
    memory = MemoryLimit(
      bytesMax: configuration.maxMemoryBytes, resident: { Int(clamping: SystemFacts.residentBytes) },
      giveBack: { HeapMemory.giveBack() }, canTake: Self.systemLimit)
  }

  /// The steps of processing that a configuration asks for.
  static func steps(_ configuration: AgentConfiguration, threads: Int) -> [any ProcessingStep] {
    var processing = ProcessingConfiguration()
    if configuration.features.contains("big_resource") { processing.resourceBytesMax = 15_000 }
    processing.usesComponentAsName = configuration.features.contains("component2name")
    processing.requiredTags = configuration.filterTagsRequire.compactMap(TagRule.init)
    processing.rejectedTags = configuration.filterTagsReject.compactMap(TagRule.init)
    processing.requiredTagPatterns = configuration.filterTagsRegexRequire
    processing.rejectedTagPatterns = configuration.filterTagsRegexReject
    processing.ignoredResources = configuration.ignoreResources
    processing.replaceRules = configuration.replaceRules
    processing.obfuscation = configuration.obfuscationInForce
    // Each receiving thread remembers the statements that it sees.
    processing.obfuscation.cacheBytesMax /= max(1, threads)
    processing.removesStackTraces = configuration.removesStackTraces
    return processing.steps
  }

  /// What `ulimit` leaves; `nil` where it sets no limit.
  private static var systemLimit: (@Sendable (Int) -> Bool)? {
    guard AddressSpace.isLimited else { return nil }
    return { bytes in AddressSpace.canTake(bytes) }
  }

  /// Open buckets may take this part of the agent's memory, and the last hour this one: half of it is for bodies.
  static let statisticsShare = 8
  static let historyShare = 4

  private static func normalized(_ env: String) -> String {
    var normalizer = TagNormalizer()
    var env = env
    let changed = env.withUTF8 { bytes in
      normalizer.normalizeTagValue(UnsafeRawBufferPointer(bytes)).map { String(decoding: $0, as: UTF8.self) }
    }
    return changed ?? env
  }
}

extension OTLPMapping {
  init(_ configuration: AgentConfiguration) {
    self.init()
    let otlp = configuration.otlp
    spanNameIsOperation = otlp.spanNameIsOperation
    renamedOperations = otlp.renamedOperations.map { RenamedOperation(from: $0.from, to: $0.to) }
    // As in the Datadog agent, what concerns only the older names asks for them.
    usesNewerNames =
      !spanNameIsOperation && renamedOperations.isEmpty
      && !configuration.features.contains("disable_operation_and_resource_name_logic_v2")
    usesOlderTypes = configuration.features.contains("disable_receive_resource_spans_v2")
    usesKindForTopLevel = configuration.features.contains("enable_otlp_compute_top_level_by_span_kind")
  }
}

extension ReceivingParts {
  init(
    _ configuration: AgentConfiguration, pipeline: PipelineParts, routes: ServedRoutes, peerTags: [String],
    build: BuildIdentity, controlPath: String? = nil, errors: RecentErrors, clock: WallClock, log: Log
  ) {
    let identity = AgentIdentity(
      version: build.version, commit: build.commit, pid: SystemFacts.processID,
      user: SystemAccounts.userName(SystemFacts.userID) ?? "", uid: SystemFacts.userID, controlSocket: controlPath)
    let answers = CurrentAnswers(configuration) { configuration in
      func answers(for reader: InfoDocument.Reader) -> AnswerParts {
        AnswerParts(
          info: InfoDocument(
            configuration: configuration, routes: routes, peerTags: peerTags, identity: identity, for: reader),
          version: build.version, answersRealStatus: configuration.features.contains("429"))
      }
      return AnswersByReader(thisMachine: answers(for: .thisMachine), network: answers(for: .network))
    }
    self.init(
      pipeline: pipeline,
      answers: answers,
      observers: SharedObservers(
        errors: errors,
        badPayloads: BadPayloads(keepsBytes: configuration.keepsBadPayloads, memory: pipeline.memory), clock: clock),
      bodyBytesMax: configuration.maxPayloadBytes, clock: clock, log: log)
  }
}

extension ReceiverConfiguration {
  init(_ configuration: AgentConfiguration, threads: Int) {
    self.init()
    let port = UInt16(clamping: configuration.receiverPort)
    tcp = port == 0 ? [] : configuration.receiverHosts.map { .tcp(host: $0, port: port) }
    otlp = configuration.otlpAddresses.map { place in
      OTLPListener(
        .tcp(host: place.endpoint.host, port: place.endpoint.port), isOptional: place.isOptional,
        isForCalls: place.isForCalls)
    }
    calls = CallSettings(
      messageBytesMax: configuration.otlp.messageMiBMax.map { min($0 << 20, configuration.maxPayloadBytes) }
        ?? configuration.maxPayloadBytes,
      callsMax: configuration.otlp.callsMax)
    let socket = configuration.receiverSocket
    unixSocketPath = socket.isEmpty ? nil : socket
    isUnixSocketOptional = !configuration.isReceiverSocketExplicit
    maxPayloadBytes = configuration.maxPayloadBytes
    // The rest of the memory is for the spans and the statistics.
    if configuration.maxMemoryBytes > 0 {
      bodyBytesInFlightMax = max(configuration.maxPayloadBytes, configuration.maxMemoryBytes / 2)
    }
    maxConnections = configuration.maxConnections
    // Each answer waits for the disk then.
    if configuration.durability == .strict { lateAnswersMax = max(lateAnswersMax, maxConnections) }
    // Clients of products that wait for slow intakes take no place of those of traces, nor of each other.
    lateAnswersMax += Product.allCases.count * ProductLimits.requestsMax
    // An intake's time, of 30 s at most, is over first, so that what the client hears is what is counted.
    lateAnswerTimeout = .seconds(35)
    idleTimeout = configuration.idleTimeout
    requestTimeout = configuration.receiverTimeout
    headerBytesMax = configuration.maxHeaderBytes
    self.threads = threads
    adoptedDescriptors = AdoptedDescriptors(
      tcp: configuration.tcpDescriptor.flatMap { Int32(exactly: $0) },
      unix: configuration.unixDescriptor.flatMap { Int32(exactly: $0) },
      calls: configuration.callsDescriptor.flatMap { Int32(exactly: $0) })
  }
}
