import TestTraces

/// An `ExportTraceServiceRequest` as a receiver of OTLP reads it.
struct ReadOTLPRequest: Equatable {
  var resources: [ReadResource] = []

  init(_ bytes: [UInt8]) throws {
    var message = try ProtobufMessage(bytes[...])
    resources = try message.messages(1).map { try ReadResource($0) }
    try message.finish()
  }

  var spans: [ReadOTLPSpan] { resources.flatMap { $0.scopes.flatMap(\.spans) } }
}

struct ReadResource: Equatable {
  var attributes: [Pair<PlainValue>] = []
  var scopes: [ReadScope] = []

  init(_ source: ProtobufMessage) throws {
    var message = source
    for var resource in try message.messages(1) {
      attributes += try resource.keyValues(1)
      try resource.finish()
    }
    scopes = try message.messages(2).map { try ReadScope($0) }
    try message.finish()
  }

  /// The text of an attribute; `nil` where there is none, or it is no text.
  subscript(name: PlainText) -> PlainText? { attributes.first { $0.key == name }?.value.string }
}

struct ReadScope: Equatable {
  var name = PlainText()
  var version = PlainText()
  var spans: [ReadOTLPSpan] = []

  init(_ source: ProtobufMessage) throws {
    var message = source
    for var scope in try message.messages(1) {
      (name, version) = (try scope.text(1), try scope.text(2))
      try scope.finish()
    }
    spans = try message.messages(2).map { try ReadOTLPSpan($0) }
    try message.finish()
  }
}

struct ReadOTLPSpan: Equatable {
  /// 16 bytes and 8.
  var traceID = PlainText()
  var spanID = PlainText()
  var parentID = PlainText()
  var traceState = PlainText()
  var name = PlainText()
  var kind: UInt64 = 0
  var startNs: UInt64 = 0
  var endNs: UInt64 = 0
  var attributes: [Pair<PlainValue>] = []
  var events: [ReadOTLPEvent] = []
  var links: [ReadOTLPLink] = []
  var statusMessage = PlainText()
  var statusCode: UInt64 = 0
  var flags: UInt32 = 0

  init(_ source: ProtobufMessage) throws {
    var message = source
    (traceID, spanID, parentID) = (try message.text(1), try message.text(2), try message.text(4))
    (traceState, name, kind) = (try message.text(3), try message.text(5), try message.varint(6))
    (startNs, endNs) = (try message.fixed64(7), try message.fixed64(8))
    attributes = try message.keyValues(9)
    events = try message.messages(11).map { try ReadOTLPEvent($0) }
    links = try message.messages(13).map { try ReadOTLPLink($0) }
    for var status in try message.messages(15) {
      (statusMessage, statusCode) = (try status.text(2), try status.varint(3))
      try status.finish()
    }
    flags = try message.fixed32(16)
    try message.finish()
  }

  /// The value of an attribute, which must not stand there twice.
  subscript(name: PlainText) -> PlainValue? {
    let found = attributes.filter { $0.key == name }
    return found.count > 1 ? PlainValue("twice") : found.first?.value
  }
}

struct ReadOTLPEvent: Equatable {
  var timeNs: UInt64 = 0
  var name = PlainText()
  var attributes: [Pair<PlainValue>] = []
  var droppedAttributes: UInt64 = 0

  init(_ source: ProtobufMessage) throws {
    var message = source
    (timeNs, name) = (try message.fixed64(1), try message.text(2))
    attributes = try message.keyValues(3)
    droppedAttributes = try message.varint(4)
    try message.finish()
  }
}

struct ReadOTLPLink: Equatable {
  var traceID = PlainText()
  var spanID = PlainText()
  var traceState = PlainText()
  var attributes: [Pair<PlainValue>] = []
  var droppedAttributes: UInt64 = 0
  var flags: UInt32 = 0

  init(_ source: ProtobufMessage) throws {
    var message = source
    (traceID, spanID, traceState) = (try message.text(1), try message.text(2), try message.text(3))
    attributes = try message.keyValues(4)
    (droppedAttributes, flags) = (try message.varint(5), try message.fixed32(6))
    try message.finish()
  }
}

extension ProtobufMessage {
  fileprivate mutating func keyValues(_ number: Int) throws -> [Pair<PlainValue>] {
    try messages(number).map { entry in
      var entry = entry
      let values = try entry.messages(2)
      guard values.count == 1, let value = values.first else { throw Malformed.twice(field: 2) }
      let pair = Pair(try entry.text(1), try PlainValue(ofOTLP: value))
      try entry.finish()
      return pair
    }
  }
}

extension PlainValue {
  /// One of the fields of an `AnyValue`; a text that is empty for none of them.
  fileprivate init(ofOTLP source: ProtobufMessage) throws {
    var message = source
    guard let field = message.fields.first, message.fields.count == 1 else {
      guard message.fields.isEmpty else { throw ProtobufMessage.Malformed.twice(field: 0) }
      self.init()
      return
    }
    switch field.number {
    case 1: self.init(try message.text(1))
    case 2: self.init(bool: try message.varint(2) == 1)
    case 3: self.init(int: try message.int64(3))
    case 4: self.init(double: try message.double(4).value)
    case 5:
      let lists = try message.messages(5)
      self.init(
        array: try lists.flatMap { list in
          var list = list
          return try list.messages(1).map { try PlainValue(ofOTLP: $0) }
        })
    case 6:
      let lists = try message.messages(6)
      self.init(
        keyValues: try lists.flatMap { list in
          var list = list
          return try list.keyValues(1)
        })
    case 7: self.init(bytes: try message.text(7).bytes)
    default: throw ProtobufMessage.Malformed.unexpected(fields: [field.number])
    }
    try message.finish()
  }
}
