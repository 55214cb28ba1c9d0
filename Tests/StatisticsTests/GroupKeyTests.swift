import TestSpans
import Testing
import TraceModel

@testable import Statistics

@Suite struct GroupKeyTests {
  /// One field of a key: how a trace or its sender comes to say it, and how it reads back. Without the change it reads
  /// back otherwise.
  struct Field: Sendable, CustomTestStringConvertible {
    var testDescription: String
    var written: String
    var read: @Sendable (GroupKey) -> String
    var span: @Sendable (inout TestSpan) -> Void = { _ in }
    var payload: @Sendable (inout SpanBatch) -> Void = { _ in }
    var isForwarded = true

    init(
      _ name: String, _ written: String, _ read: @escaping @Sendable (GroupKey) -> String,
      isForwarded: Bool = true,
      payload: @escaping @Sendable (inout SpanBatch) -> Void = { _ in },
      span: @escaping @Sendable (inout TestSpan) -> Void = { _ in }
    ) {
      testDescription = name
      self.written = written
      self.read = read
      self.span = span
      self.payload = payload
      self.isForwarded = isForwarded
    }
  }

  private static let longResource = String(repeating: "r", count: 300)

  static let fields: [Field] = [
    Field("env", "prod", { $0.env }, payload: { $0.payload.env = $0.addText("prod") }),
    Field("hostname", "box", { $0.hostname }, payload: { $0.payload.hostname = $0.addText("box") }),
    Field("version", "1.2", { $0.version }, payload: { $0.payload.appVersion = $0.addText("1.2") }),
    Field("containerID", "c0ffee", { $0.containerID }, payload: { $0.payload.containerID = $0.addText("c0ffee") }),
    Field("gitCommitSha", "abc", { $0.gitCommitSha }, payload: { $0.payload.gitCommitSha = $0.addText("abc") }),
    Field("language", "python", { $0.language }, payload: { $0.payload.languageName = $0.addText("python") }),
    Field("processTags", "a:1", { $0.processTags }, payload: { $0.payload.processTags = $0.addText("a:1") }),
    Field("service", "shop", { $0.service }, span: { $0.service = "shop" }),
    Field("name", "sql.query", { $0.name }, span: { $0.name = "sql.query" }),
    Field("resource", longResource, { $0.resource }, span: { $0.resource = longResource }),
    Field("type", "sql", { $0.type }, span: { $0.type = "sql" }),
    Field("spanKind", "client", { $0.spanKind }, span: { $0.meta = [("span.kind", "client")] }),
    Field("serviceSource", "opt", { $0.serviceSource }, span: { $0.meta = [("_dd.svc_src", "opt")] }),
    Field("grpcStatus", "5", { $0.grpcStatus }, span: { $0.meta = [("grpc.code", "NOT_FOUND")] }),
    Field(
      "httpStatus", "4294967295", { "\($0.httpStatus)" }, span: { $0.metrics = [("http.status_code", 4_294_967_295)] }),
    Field("isTraceRoot", "false", { "\($0.isTraceRoot)" }, span: { $0.parentID = 99 }),
    Field("isSynthetics", "true", { "\($0.isSynthetics)" }, span: { $0.meta = [("_dd.origin", "synthetics-browser")] }),
    Field(
      "peerAttributes", "peer.service=db,db.name=orders",
      { key in key.peerAttributes.map { "\(keyNames($0.key))=\($0.value)" }.joined(separator: ",") },
      span: { $0.meta = [("span.kind", "client"), ("peer.service", "db"), ("db.name", "orders")] }),
    Field(
      "isTopLevel", "false", { "\($0.isTopLevel)" },
      payload: { batch in
        // Processing has marked it already.
        batch.spans[0].flags = []
      }),
    Field("isForwarded", "false", { "\($0.isForwarded)" }, isForwarded: false),
  ]

  private static let keys = KeyTable(peerTags: PeerTags.standard)

  private static func keyNames(_ key: KnownKey) -> String {
    String(decoding: keys.names[Int(key.rawValue)], as: UTF8.self)
  }

  /// The only key of a trace of one span, and whether reading it used up its bytes.
  private static func key(
    _ span: TestSpan, isForwarded: Bool = true, _ payload: (inout SpanBatch) -> Void = { _ in }
  ) throws -> (key: GroupKey, isWhole: Bool) {
    var counting = Counting()
    try counting.add([[span]], isForwarded: isForwarded, afterProcessing: payload)
    let bucket = try #require(counting.concentrator.buckets.first)
    try #require(bucket.groups.count == 1)
    var reader = GroupKeyReader(bucket.key(of: 0))
    let key = GroupKey(&reader)
    return (key, reader.isAtEnd)
  }

  @Test(arguments: fields) func `a field reads back as it was written, and the others as without it`(
    field: Field
  ) throws {
    let plain = try Self.key(TestSpan())
    let changed = try Self.key(
      TestSpan().with(field.span), isForwarded: field.isForwarded, field.payload)
    #expect(plain.isWhole && changed.isWhole)
    #expect(field.read(changed.key) == field.written)
    #expect(field.read(plain.key) != field.written)
    // `span.kind` has to be there for peers to be; what is not top-level is not forwarded either.
    let companions = ["peerAttributes": ["spanKind"], "isTopLevel": ["isForwarded"]]
    for other in Self.fields where other.testDescription != field.testDescription {
      if companions[field.testDescription]?.contains(other.testDescription) == true { continue }
      #expect(other.read(changed.key) == other.read(plain.key), "\(other.testDescription)")
    }
  }

  @Test func `every field of a key has a row in this table`() throws {
    let fields = Mirror(reflecting: try Self.key(TestSpan()).key).children.compactMap(\.label)
      // Of these no field of a span decides: see `ClientStatisticsTests`.
      .filter { !["client", "leftTo"].contains($0) }
    #expect(fields.sorted() == Self.fields.map(\.testDescription).sorted())
  }

  @Test func `keys that differ in one field are different groups`() throws {
    var counting = Counting()
    try counting.add([[TestSpan()]])
    for field in Self.fields {
      try counting.add(
        [[TestSpan().with(field.span)]], isForwarded: field.isForwarded, afterProcessing: field.payload)
    }
    #expect(counting.concentrator.buckets.reduce(0) { $0 + $1.groups.count } == Self.fields.count + 1)
    #expect(counting.concentrator.brokenInvariants == [])
  }

  @Test func `the key of the group that always has a place reads back whole`() {
    var builder = GroupKeyBuilder(keys: Self.keys, usesPeerTags: true)
    builder.writePayload(SpanBatch(), defaultEnv: Array("none".utf8))
    builder.writeBlockedSpan(local: [.topLevel])
    var reader = GroupKeyReader(Array(builder.finish().key)[...])
    let key = GroupKey(&reader)
    #expect(reader.isAtEnd)
    #expect(key.env == "none" && key.isTopLevel && !key.isForwarded && !key.isTraceRoot && key.httpStatus == 0)
    #expect([key.service, key.name, key.resource] == Array(repeating: StatsBucket.blockedValue, count: 3))
    #expect([key.type, key.spanKind, key.serviceSource, key.grpcStatus] == ["", "", "", ""])
    #expect(key.peerAttributes.isEmpty)
  }

  @Test func `a key that was cut off reads as empty fields`() throws {
    var counting = Counting()
    try counting.add([[TestSpan().meta("span.kind", "client").meta("peer.service", "db")]])
    let bytes = Array(try #require(counting.concentrator.buckets.first).key(of: 0))
    for length in 0..<bytes.count {
      var reader = GroupKeyReader(bytes[..<length])
      let key = GroupKey(&reader)
      #expect(reader.isAtEnd && !key.isForwarded, "\(length) bytes")
    }
  }
}
