import TraceModel

/// What a span's type says of where it carries an application's data.
enum ObfuscatedKind {
  case sql, redis, valkey, memcached, web, mongoDB, search

  /// - Parameter type: the span's type as it was sent; `nil` for a type of which nothing is known.
  @inline(__always) init?(_ type: UnsafeRawBufferPointer) {
    // Few types have the same length, so that one comparison tells.
    switch type.count {
    case 3: if Self.is(type, "web") { self = .web } else if Self.is(type, "sql") { self = .sql } else { return nil }
    case 4: if Self.is(type, "http") { self = .web } else { return nil }
    case 5: if Self.is(type, "redis") { self = .redis } else { return nil }
    case 6: if Self.is(type, "valkey") { self = .valkey } else { return nil }
    case 7: if Self.is(type, "mongodb") { self = .mongoDB } else { return nil }
    case 9:
      if Self.is(type, "cassandra") {
        self = .sql
      } else if Self.is(type, "memcached") {
        self = .memcached
      } else {
        return nil
      }
    case 10: if Self.is(type, "opensearch") { self = .search } else { return nil }
    case 13: if Self.is(type, "elasticsearch") { self = .search } else { return nil }
    default: return nil
    }
  }

  @inline(__always) private static func `is`(_ type: UnsafeRawBufferPointer, _ name: StaticString) -> Bool {
    ByteString.equal(type, name)
  }
}
