import Configuration
import Exporting
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
