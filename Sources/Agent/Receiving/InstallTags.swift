import Configuration
import Platform
import TraceModel

/// How tracing was installed on this machine: tags that Datadog wants on the root of the first kept trace of each service.
final class InstallTags: Sendable {
  /// Services that are told apart; traces of later ones go without.
  static let servicesMax = 5_000

  private let tags: [(name: StaticString, value: [UInt8])]
  private let servicesMax: Int
  private let marked = Lock<Set<[UInt8]>>([])

  /// `nil` where the configuration does not know the installation.
  init?(_ configuration: AgentConfiguration, servicesMax: Int = InstallTags.servicesMax) {
    guard let id = configuration.installID else { return nil }
    self.servicesMax = servicesMax
    tags = [
      ("_dd.install.id", Array(id.utf8)), ("_dd.install.type", Array((configuration.installType ?? "").utf8)),
      ("_dd.install.time", Array(String(configuration.installTime).utf8)),
    ]
  }

  /// Services that one receiving thread has seen: of those it need not ask the others.
  struct SeenServices: Sendable {
    private var hashes: Set<UInt64> = []
    private let seed = TableSeed.random()

    /// Whether the service was not there before, and may be marked yet.
    fileprivate mutating func insert(_ service: UnsafeRawBufferPointer, servicesMax: Int) -> Bool {
      let hash = seed.hash(service)
      guard !hashes.contains(hash), hashes.count < servicesMax else { return false }
      return hashes.insert(hash).inserted
    }
  }

  /// Marks the traces that sampling has kept and that are the first of their service.
  /// - Parameter seen: of the receiving thread that the batch is on.
  func mark(_ batch: inout SpanBatch, _ seen: inout SeenServices) {
    for index in 0..<batch.chunks.count where batch.chunks[index].isKept {
      let root = Int(batch.chunks[index].root)
      let service = batch.bytes(batch.spans[root].service)
      if seen.insert(service, servicesMax: servicesMax), isFirst(Array(service)) { add(to: root, in: &batch) }
    }
  }

  private func isFirst(_ service: [UInt8]) -> Bool {
    marked.withLock { marked in
      guard !marked.contains(service), marked.count < servicesMax else { return false }
      return marked.insert(service).inserted
    }
  }

  /// What the tracer has set itself stays.
  private func add(to span: Int, in batch: inout SpanBatch) {
    for (name, value) in tags {
      var isThere = false
      for entry in batch.spans[span].meta.range
      where batch.meta[entry].known != .removed && batch.equal(batch.meta[entry].key, name) {
        isThere = true
      }
      if isThere { continue }
      let (key, value) = (batch.addText(name), batch.addBytes(value))
      batch.addMeta(MetaEntry(key: key, value: value, known: .unknown), ofSpanAt: span)
    }
  }
}
