import CMsgPack

extension MessagePackValue {
  /// Reads the first value of `bytes` with libmsgpack-c.
  ///
  /// - Returns: the value, and how many bytes lie behind it. Those are not looked at: whoever expects none checks.
  package static func unpack(
    _ bytes: [UInt8], limits: MessagePackLimits = MessagePackLimits()
  ) throws(MessagePackError) -> (value: MessagePackValue, trailingBytes: Int) {
    // The closure's rethrows does not carry a typed error, hence the detour over a result.
    let result = bytes.withUnsafeBytes { buffer in
      Result { () throws(MessagePackError) in try unpack(buffer, limits: limits) }
    }
    return try result.get()
  }

  /// Reads the first value of `bytes` with libmsgpack-c; the value keeps no pointer into `bytes`.
  package static func unpack(
    _ bytes: UnsafeRawBufferPointer, limits: MessagePackLimits = MessagePackLimits()
  ) throws(MessagePackError) -> (value: MessagePackValue, trailingBytes: Int) {
    let length = try MessagePackOutline.length(of: bytes, limits: limits)
    var unpacked = msgpack_unpacked()
    msgpack_unpacked_init(&unpacked)
    defer { msgpack_unpacked_destroy(&unpacked) }
    var consumed = 0
    let status = msgpack_unpack_next(
      &unpacked, bytes.baseAddress?.assumingMemoryBound(to: CChar.self), length, &consumed)
    switch status {
    case MSGPACK_UNPACK_SUCCESS, MSGPACK_UNPACK_EXTRA_BYTES:
      return (MessagePackValue(unpacked.data), bytes.count - consumed)
    case MSGPACK_UNPACK_NOMEM_ERROR: throw .outOfMemory
    case MSGPACK_UNPACK_CONTINUE: throw .truncated(offset: consumed)
    default: throw .malformed(offset: consumed)
    }
  }

  /// Copies what libmsgpack-c read; the depth is bounded, so the recursion is too.
  private init(_ object: msgpack_object) {
    switch object.type {
    case MSGPACK_OBJECT_BOOLEAN: self = .bool(object.via.boolean)
    case MSGPACK_OBJECT_POSITIVE_INTEGER: self = .uint(object.via.u64)
    case MSGPACK_OBJECT_NEGATIVE_INTEGER: self = .int(object.via.i64)
    case MSGPACK_OBJECT_FLOAT32, MSGPACK_OBJECT_FLOAT64: self = .double(object.via.f64)
    case MSGPACK_OBJECT_STR: self = .string(Self.copy(object.via.str.ptr, object.via.str.size))
    case MSGPACK_OBJECT_BIN: self = .binary(Self.copy(object.via.bin.ptr, object.via.bin.size))
    case MSGPACK_OBJECT_EXT:
      self = .ext(type: object.via.ext.type, Self.copy(object.via.ext.ptr, object.via.ext.size))
    case MSGPACK_OBJECT_ARRAY:
      let elements = UnsafeBufferPointer(start: object.via.array.ptr, count: Int(object.via.array.size))
      self = .array(elements.map { MessagePackValue($0) })
    case MSGPACK_OBJECT_MAP:
      let entries = UnsafeBufferPointer(start: object.via.map.ptr, count: Int(object.via.map.size))
      self = .map(entries.map { (key: MessagePackValue($0.key), value: MessagePackValue($0.val)) })
    default: self = .null
    }
  }

  private static func copy(_ start: UnsafePointer<CChar>?, _ count: UInt32) -> [UInt8] {
    [UInt8](UnsafeRawBufferPointer(start: start, count: start == nil ? 0 : Int(count)))
  }
}
