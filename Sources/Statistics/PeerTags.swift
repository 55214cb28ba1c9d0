import TraceModel

/// The attributes that describe the other side of a client, producer or consumer span.
package enum PeerTags {
  /// The attribute names the Datadog agent looks at, in sorted order.
  package static let standard = [
    "_dd.base_service", "active_record.db.vendor", "amqp.destination", "amqp.exchange", "amqp.queue",
    "aws.queue.name", "aws.s3.bucket", "bucketname", "cassandra.keyspace", "db.cassandra.contact.points",
    "db.couchbase.seed.nodes", "db.hostname", "db.instance", "db.name", "db.namespace", "db.system", "db.type",
    "dns.hostname", "grpc.host", "hostname", "http.host", "http.server_name", "messaging.destination",
    "messaging.destination.name", "messaging.kafka.bootstrap.servers", "messaging.rabbitmq.exchange",
    "messaging.system", "mongodb.db", "msmq.queue.path", "net.peer.name", "network.destination.ip",
    "network.destination.name", "out.host", "peer.hostname", "peer.service", "queuename", "rpc.service",
    "rpc.system", "sequel.db.vendor", "server.address", "streamname", "tablename", "topicname",
  ]

  /// The standard names and the configured ones, sorted, each once.
  package static func names(configured: [String]) -> [String] {
    Array(Set(standard + configured.filter { !$0.isEmpty })).sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
  }

  /// `key:value` texts, sorted, with addresses quantized. Of an attribute given twice the last one counts.
  package static func tags(_ attributes: [(key: KnownKey, value: String)], keys: KeyTable) -> [String] {
    var values: [UInt16: String] = [:]
    for attribute in attributes { values[attribute.key.rawValue] = attribute.value }
    return values.compactMap { raw, value in
      guard Int(raw) < keys.names.count else { return nil }
      return String(decoding: keys.names[Int(raw)], as: UTF8.self) + ":" + IPAddressQuantizer.quantize(value)
    }.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
  }

  /// FNV-1a 64 of the sorted tags joined by NUL; 0 for none.
  package static func hash(_ tags: [String]) -> UInt64 {
    guard !tags.isEmpty else { return 0 }
    var hash = FNV1a64()
    for (index, tag) in tags.sorted(by: { $0.utf8.lexicographicallyPrecedes($1.utf8) }).enumerated() {
      if index > 0 { hash.combine(0) }
      for byte in tag.utf8 { hash.combine(byte) }
    }
    return hash.value
  }
}
