import TraceModel

/// What statistics read from a span's attributes.
enum SpanDimensions {
  /// Whether the kind alone makes a span count: server, consumer, client or producer, in any case of letters.
  @inline(__always) static func isCountedKind(_ kind: UnsafeRawBufferPointer) -> Bool {
    let word = word(kind)
    return word == server || isOfPeer(word)
  }

  /// Whether a span of this kind talks to a peer: client, producer, consumer.
  @inline(__always) static func hasPeer(_ kind: UnsafeRawBufferPointer) -> Bool { isOfPeer(word(kind)) }

  /// Whether a span stays inside its process: kind empty or internal.
  @inline(__always) static func isInternal(_ kind: UnsafeRawBufferPointer) -> Bool {
    kind.count == 0 || word(kind) == inside
  }

  @inline(__always) private static func isOfPeer(_ word: UInt64) -> Bool {
    word == client || word == producer || word == consumer
  }

  // Kinds as `word` has them.
  private static var server: UInt64 { 0x7265_7672_6573 }
  private static var client: UInt64 { 0x746E_6569_6C63 }
  private static var producer: UInt64 { 0x7265_6375_646F_7270 }
  private static var consumer: UInt64 { 0x7265_6D75_736E_6F63 }
  private static var inside: UInt64 { 0x6C61_6E72_6574_6E69 }

  /// A kind of six or eight letters in one number, the first lowest, in lower case; 0 for a text of any other length.
  @inline(__always) private static func word(_ kind: UnsafeRawBufferPointer) -> UInt64 {
    let smallBits: UInt64 = 0x2020_2020_2020_2020
    switch kind.count {
    case 8: return kind.loadUnaligned(as: UInt64.self).littleEndian | smallBits
    case 6:
      let first = UInt64(kind.loadUnaligned(as: UInt32.self).littleEndian)
      let last = UInt64(kind.loadUnaligned(fromByteOffset: 4, as: UInt16.self).littleEndian)
      return first | last << 32 | smallBits >> 16
    default: return 0
    }
  }

  /// HTTP status: `http.status_code`, then `http.response.status_code`, as text or number; 0 when absent or invalid.
  @inline(__always) static func httpStatus(_ batch: borrowing SpanBatch, _ span: SpanRecord) -> UInt32 {
    let (texts, numbers) = (span.metaKeys, span.metricKeys)
    let isThere =
      texts.contains(.httpStatusCode) || texts.contains(.httpResponseStatusCode)
      || numbers.contains(.httpStatusCode) || numbers.contains(.httpResponseStatusCode)
    return isThere ? presentHTTPStatus(batch, span) : 0
  }

  @inline(never) private static func presentHTTPStatus(_ batch: borrowing SpanBatch, _ span: SpanRecord) -> UInt32 {
    status(.httpStatusCode, batch, span) ?? status(.httpResponseStatusCode, batch, span) ?? 0
  }

  private static func status(_ key: KnownKey, _ batch: borrowing SpanBatch, _ span: SpanRecord) -> UInt32? {
    if let text = batch.meta(key, of: span), let code = DecimalText.unsigned(batch.bytes(text)) { return code }
    if let number = batch.metric(key, of: span), number >= 0, number <= 4_294_967_295 { return UInt32(number) }
    return nil
  }

  private static let grpcKeys: [KnownKey] = [.rpcGrpcStatusCode, .grpcCode, .rpcGrpcStatusDotCode, .grpcStatusCode]
  /// The name that OpenTelemetry gave the status of a call of any system in 2025.
  private static let rpcKeys = grpcKeys + [.rpcResponseStatusCode]
  private static let statusKeys = KnownKeySet(rpcKeys)

  /// Whether a span has any of the keys that may carry a gRPC status.
  @inline(__always)
  static func hasGRPCStatus(_ span: SpanRecord) -> Bool {
    span.metaKeys.containsAny(of: statusKeys) || span.metricKeys.containsAny(of: statusKeys)
  }

  /// gRPC status as its number in text; empty when absent or unknown. Text attributes are asked before numbers, and the
  /// name that other systems use too is asked last and only of spans of gRPC.
  static func grpcStatus(_ batch: borrowing SpanBatch, _ span: SpanRecord) -> String {
    let keys = isGRPC(batch, span) ? rpcKeys : grpcKeys
    for key in keys {
      if let text = batch.meta(key, of: span), !text.isEmpty { return grpcNumber(batch.bytes(text)) }
    }
    for key in keys {
      if let number = batch.metric(key, of: span), number >= 0, number <= 4_294_967_295 {
        return String(UInt32(number))
      }
    }
    return ""
  }

  /// Whether the span says that it is a call of gRPC: `rpc.system.name`, and where that is absent the older `rpc.system`.
  private static func isGRPC(_ batch: borrowing SpanBatch, _ span: SpanRecord) -> Bool {
    if let system = batch.meta(.rpcSystemName, of: span), !system.isEmpty { return batch.equal(system, "grpc") }
    return batch.meta(.rpcSystem, of: span).map { batch.equal($0, "grpc") } ?? false
  }

  static func grpcNumber(_ text: UnsafeRawBufferPointer) -> String {
    if let number = DecimalText.unsigned(text) { return String(number) }
    guard text.count <= 64 else { return "" }
    var name = String(decoding: text, as: UTF8.self).uppercased()
    if name.hasPrefix("STATUSCODE.") { name.removeFirst("STATUSCODE.".count) }
    return grpcCodes[name].map { String($0) } ?? ""
  }

  /// The official names, and those without underscore that some clients send.
  private static let grpcCodes: [String: Int] = [
    "OK": 0, "CANCELLED": 1, "CANCELED": 1, "UNKNOWN": 2, "INVALID_ARGUMENT": 3, "INVALIDARGUMENT": 3,
    "DEADLINE_EXCEEDED": 4, "DEADLINEEXCEEDED": 4, "NOT_FOUND": 5, "NOTFOUND": 5, "ALREADY_EXISTS": 6,
    "ALREADYEXISTS": 6, "PERMISSION_DENIED": 7, "PERMISSIONDENIED": 7, "RESOURCE_EXHAUSTED": 8,
    "RESOURCEEXHAUSTED": 8, "FAILED_PRECONDITION": 9, "FAILEDPRECONDITION": 9, "ABORTED": 10, "OUT_OF_RANGE": 11,
    "OUTOFRANGE": 11, "UNIMPLEMENTED": 12, "INTERNAL": 13, "UNAVAILABLE": 14, "DATA_LOSS": 15, "DATALOSS": 15,
    "UNAUTHENTICATED": 16,
  ]
}
