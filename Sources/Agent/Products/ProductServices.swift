import Configuration
import Exporting
import JSON
import TraceModel

/// What the endpoints of all products share.
struct ProductServices: Sendable {
  let sender: ProductSender
  let proxy: ProductProxy
  let accounts = ProductAccounts()
  let tracers = TracerTable()
  let containers: ContainerResolver
  let memory: MemoryLimit
  let clock: WallClock
  let log: Log
  let errors: RecentErrors
  /// Products whose requests are thrown away, and that the log has named.
  let named = NotedClients()

  init(
    _ configuration: AgentConfiguration, hostname: String, build: BuildIdentity, pipeline: PipelineParts,
    clock: WallClock, log: Log, errors: RecentErrors
  ) {
    sender = ProductSender(configuration, hostname: hostname, version: build.version)
    proxy = ProductProxy(transport: Forwarding.transport(configuration))
    containers = pipeline.containers
    memory = pipeline.memory
    self.clock = clock
    self.log = log
    self.errors = errors
  }
}

extension ProductServices {
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
