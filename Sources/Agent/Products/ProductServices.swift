import Configuration
import Exporting
import JSON
import Platform
import TraceModel

/// What the endpoints of all products share.
struct ProductServices: Sendable {
  let sender: ProductSender
  let proxy: ProductProxy
  /// By which products are passed on now.
  let rules: ProductRulesInForce
  let limits = ProductLimitTable()
  let accounts = ProductAccounts()
  let keyRefusal = KeyRefusal()
  /// Hands lines to DogStatsD, so that no receiving thread waits for it.
  let relaying = OnDemandThreads(name: "roost-dogstatsd", threadsMax: 1, waitingMax: 15)
  /// Reads telemetry, so that no receiving thread is kept by it.
  let reading = OnDemandThreads(name: "roost-telemetry", threadsMax: 1, waitingMax: 31)
  let tracers = TracerTable()
  let containers: ContainerResolver
  let memory: MemoryLimit
  let clock: WallClock
  let log: Log
  let errors: RecentErrors
  /// Products that the log has named.
  let named = NotedClients()

  init(
    _ configuration: AgentConfiguration, hostname: String, build: BuildIdentity, pipeline: PipelineParts,
    clock: WallClock, log: Log, errors: RecentErrors
  ) {
    sender = ProductSender(configuration, hostname: hostname, version: build.version)
    rules = ProductRulesInForce(ProductRule.all(configuration, sender))
    proxy = ProductProxy(transport: Forwarding.transport(configuration))
    containers = pipeline.containers
    memory = pipeline.memory
    self.clock = clock
    self.log = log
    self.errors = errors
  }
}

extension ProductServices {
  /// From now on requests leave as this configuration says, of which only keys and further intakes may differ.
  func replaceRules(by configuration: AgentConfiguration) {
    rules.replace(by: ProductRule.all(configuration, sender))
  }

  /// Lets what is under way end until the deadline, without waiting for it. Nothing more is passed on.
  func beginStop(deadline: ContinuousClock.Instant) { proxy.beginStop(deadline: deadline) }

  /// Ends what is under way, at the deadline at the latest.
  /// - Returns: whether no thread is at work any more.
  func stop(deadline: ContinuousClock.Instant) -> Bool {
    let isProxyEnded = proxy.stop(deadline: deadline)
    let isRelayEnded = relaying.stop(deadline: deadline)
    return reading.stop(deadline: deadline) && isRelayEnded && isProxyEnded
  }

  /// Bytes of memory that a document takes as a tree for each of its own at most: a list of digits takes the most.
  private static let treeBytesEach = 48

  /// A document as a tree; `nil` for what is none.
  /// - Throws: when there is no memory for so large a tree.
  func document(_ bytes: [UInt8]) throws(ProductRefusal) -> JSONValue? {
    let claim = MemoryClaim(memory)
    defer { claim.release() }
    guard claim.add(bytes.count * Self.treeBytesEach) else {
      throw ProductRefusal(status: 429, reason: .memoryLimit, text: "memory-limit")
    }
    return try? JSONValue.parse(bytes)
  }
}
