import TestTraces

/// An `AgentPayload` as an intake reads it.
struct ReadAgentPayload: Equatable {
  var hostname = PlainText()
  var env = PlainText()
  var version = PlainText()
  var targetTPS = PlainNumber()
  var errorTPS = PlainNumber()
  var hasRareSampler = false
  var tags: [Pair<PlainText>] = []
  var tracerPayloads: [ReadTracerPayload] = []
  /// What came in v1.0.
  var idxPayloads: [ReadIdxPayload] = []

  init(_ bytes: [UInt8]) throws {
    var message = try ProtobufMessage(bytes[...])
    hostname = try message.text(1)
    env = try message.text(2)
    tracerPayloads = try message.messages(5).map { try ReadTracerPayload($0) }
    tags = try message.texts(6)
    version = try message.text(7)
    targetTPS = try message.double(8)
    errorTPS = try message.double(9)
    hasRareSampler = try message.int32(10) == 1
    idxPayloads = try message.messages(11).map { try ReadIdxPayload($0) }
    try message.finish()
  }

  var chunks: [ReadChunk] { tracerPayloads.flatMap(\.chunks) }
}

/// What one tracer sent, in one request.
struct ReadTracerPayload: Equatable {
  var containerID = PlainText()
  var languageName = PlainText()
  var languageVersion = PlainText()
  var tracerVersion = PlainText()
  var runtimeID = PlainText()
  var chunks: [ReadChunk] = []
  var tags: [Pair<PlainText>] = []
  var env = PlainText()
  var hostname = PlainText()
  var appVersion = PlainText()

  init() {}

  init(_ source: ProtobufMessage) throws {
    var message = source
    containerID = try message.text(1)
    languageName = try message.text(2)
    languageVersion = try message.text(3)
    tracerVersion = try message.text(4)
    runtimeID = try message.text(5)
    chunks = try message.messages(6).map { try ReadChunk($0) }
    tags = try message.texts(7)
    env = try message.text(8)
    hostname = try message.text(9)
    appVersion = try message.text(10)
    try message.finish()
  }
}

struct ReadChunk: Equatable {
  var priority: Int32 = 0
  var origin = PlainText()
  var spans: [PlainSpan] = []
  var tags: [Pair<PlainText>] = []
  var isDroppedTrace = false

  init() {}

  init(_ source: ProtobufMessage) throws {
    var message = source
    priority = try message.int32(1)
    origin = try message.text(2)
    spans = try message.messages(3).map { try PlainSpan($0) }
    tags = try message.texts(4)
    isDroppedTrace = try message.int32(5) == 1
    try message.finish()
  }
}

extension PlainSpan {
  fileprivate init(_ source: ProtobufMessage) throws {
    var message = source
    self.init()
    service = try message.text(1)
    name = try message.text(2)
    resource = try message.text(3)
    (traceID, spanID, parentID) = (try message.varint(4), try message.varint(5), try message.varint(6))
    (startNs, durationNs) = (try message.int64(7), try message.int64(8))
    error = try message.int32(9)
    meta = try message.texts(10)
    metrics = try message.map(11) { try $0.double(2) }
    type = try message.text(12)
    metaStruct = try message.texts(13)
    links = try message.messages(14).map { try PlainLink($0) }
    events = try message.messages(15).map { try PlainEvent($0) }
    try message.finish()
  }
}

extension PlainLink {
  fileprivate init(_ source: ProtobufMessage) throws {
    var message = source
    self.init()
    (traceID, traceIDHigh, spanID) = (try message.varint(1), try message.varint(2), try message.varint(3))
    attributes = try message.texts(4)
    tracestate = try message.text(5)
    flags = UInt32(truncatingIfNeeded: try message.varint(6))
    try message.finish()
  }
}

extension PlainEvent {
  fileprivate init(_ source: ProtobufMessage) throws {
    var message = source
    self.init()
    timeUnixNano = try message.fixed64(1)
    name = try message.text(2)
    attributes = try message.map(3) { entry in
      let values = try entry.messages(2)
      guard values.count == 1, let value = values.first else { throw ProtobufMessage.Malformed.twice(field: 2) }
      return try PlainValue(value)
    }
    try message.finish()
  }
}

extension PlainValue {
  fileprivate init(_ source: ProtobufMessage) throws {
    var message = source
    self.init()
    type = try message.int32(1)
    string = try message.text(2)
    bool = try message.varint(3) != 0
    int = try message.int64(4)
    double = try message.double(5)
    let arrays = try message.messages(6)
    guard arrays.count < 2 else { throw ProtobufMessage.Malformed.twice(field: 6) }
    array = try arrays.first.map { array in
      var array = array
      let values = try array.messages(1).map { try PlainValue($0) }
      try array.finish()
      return values
    }
    try message.finish()
  }
}
