import Configuration
import TestSpans
import Testing
import TraceModel

@testable import Agent

@Suite struct `How tracing was installed` {
  private static func tags(id: String?, servicesMax: Int = InstallTags.servicesMax) -> InstallTags? {
    var configuration = AgentConfiguration()
    configuration.installID = id
    configuration.installType = "k8s_single_step"
    configuration.installTime = 1_700_000_000
    return InstallTags(configuration, servicesMax: servicesMax)
  }

  /// Three traces of one span each; the first is not kept.
  private static func batch(_ services: [StaticString], meta: (StaticString, StaticString)? = nil) -> SpanBatch {
    var batch = SpanBatch()
    for (index, service) in services.enumerated() {
      var span = SpanRecord()
      span.service = batch.addText(service)
      batch.spans.append(span)
      if let meta {
        let entry = MetaEntry(key: batch.addText(meta.0), value: batch.addText(meta.1), known: .unknown)
        batch.addMeta(entry, ofSpanAt: index)
      }
      var chunk = ChunkRecord()
      chunk.spans = IndexRange(start: index, end: index + 1)
      chunk.root = UInt32(index)
      chunk.isKept = index > 0
      batch.chunks.append(chunk)
    }
    return batch
  }

  /// The attributes of each span behind the tags went on.
  private static func marked(_ batch: consuming SpanBatch, by tags: InstallTags) -> [[String]] {
    // Another thread each time.
    var seen = InstallTags.SeenServices()
    return marked(batch, by: tags, &seen)
  }

  private static func marked(
    _ batch: consuming SpanBatch, by tags: InstallTags, _ seen: inout InstallTags.SeenServices
  ) -> [[String]] {
    tags.mark(&batch, &seen)
    var found: [[String]] = []
    for span in 0..<batch.spans.count {
      var texts: [String] = []
      for entry in batch.spans[span].meta.range {
        texts.append(batch.text(batch.meta[entry].key) + "=" + batch.text(batch.meta[entry].value))
      }
      found.append(texts)
    }
    return found
  }

  private static let all = [
    "_dd.install.id=abc", "_dd.install.type=k8s_single_step", "_dd.install.time=1700000000",
  ]

  @Test func `goes with the first kept trace of each service`() throws {
    let tags = try #require(Self.tags(id: "abc"))
    let first = Self.marked(Self.batch(["shop", "shop", "shop", "cart"]), by: tags)
    #expect(first == [[], Self.all, [], Self.all])
    let second = Self.marked(Self.batch(["shop", "shop", "till"]), by: tags)
    #expect(second == [[], [], Self.all])
  }

  @Test func `goes with one trace also where a thread sees a service again, and several do`() throws {
    let tags = try #require(Self.tags(id: "abc"))
    var (one, other) = (InstallTags.SeenServices(), InstallTags.SeenServices())
    #expect(Self.marked(Self.batch(["", "shop"]), by: tags, &one) == [[], Self.all])
    #expect(Self.marked(Self.batch(["", "shop", "shop"]), by: tags, &one) == [[], [], []])
    #expect(Self.marked(Self.batch(["", "shop", "cart"]), by: tags, &other) == [[], [], Self.all])
    #expect(Self.marked(Self.batch(["", "cart", "till"]), by: tags, &one) == [[], [], Self.all])
  }

  @Test func `stays as the tracer says it, and is not invented`() throws {
    let tags = try #require(Self.tags(id: "abc"))
    let seen = Self.marked(Self.batch(["shop", "shop"], meta: ("_dd.install.type", "own")), by: tags)
    #expect(seen[1] == ["_dd.install.type=own", "_dd.install.id=abc", "_dd.install.time=1700000000"])
    #expect(Self.tags(id: nil) == nil)
  }

  @Test func `is known of so many services and no more`() throws {
    let tags = try #require(Self.tags(id: "abc", servicesMax: 2))
    let seen = Self.marked(Self.batch(["", "a", "b", "c"]), by: tags)
    #expect(seen == [[], Self.all, Self.all, []])
  }
}
