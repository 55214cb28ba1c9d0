import MessagePack

extension InfoAnswer: ControlFieldsConvertible {
  init(_ fields: FieldReader) {
    version = fields.text("version")
    commit = fields.text("commit")
    pid = fields.signed("pid")
    runPid = fields.signed("run_pid")
    startedNs = fields.signed("started_ns")
    nowNs = fields.signed("now_ns")
    hostname = fields.text("hostname")
    listeners = fields.texts("listeners")
    endpoints = fields.texts("endpoints")
    configuration = fields.part("configuration")
    received = fields.part("received")
    kept = fields.part("kept")
    sent = fields.part("sent")
    queued = fields.part("queued")
    dropped = fields.fields("dropped").entries.mapValues { TrafficCounts(FieldReader($0)) }
    lost = fields.fields("lost").entries.mapValues { TrafficCounts(FieldReader($0)) }
    refused = fields.fields("refused").entries.compactMapValues(\.uint)
    malformed = fields.fields("malformed").entries.compactMapValues(\.uint)
    clientIssues = fields.rows("misuse")
    clients = fields.rows("clients")
    processes = fields.rows("processes")
    rates = fields.fields("rates").entries.compactMapValues(\.double)
    catalogEvictions = fields.unsigned("catalog_evictions")
    connections = fields.part("connections")
    intake = fields.part("intake")
    residentBytes = fields.unsigned("resident_bytes")
    lastErrors = fields.rows("last_errors")
  }

  func write(to fields: inout FieldWriter) {
    fields.set("version", version)
    fields.set("commit", commit)
    fields.set("pid", pid)
    fields.set("run_pid", runPid)
    fields.set("started_ns", startedNs)
    fields.set("now_ns", nowNs)
    fields.set("hostname", hostname)
    fields.set("listeners", listeners)
    fields.set("endpoints", endpoints)
    fields.set("configuration", part: configuration)
    fields.set("received", part: received)
    fields.set("kept", part: kept)
    fields.set("sent", part: sent)
    fields.set("queued", part: queued)
    fields.set("dropped", Self.map(dropped) { $0.packed })
    fields.set("lost", Self.map(lost) { $0.packed })
    fields.set("refused", Self.map(refused) { .uint($0) })
    fields.set("malformed", Self.map(malformed) { .uint($0) })
    fields.set("misuse", rows: clientIssues)
    fields.set("clients", rows: clients)
    fields.set("processes", rows: processes)
    fields.set("rates", Self.map(rates) { .double($0) })
    fields.set("catalog_evictions", catalogEvictions)
    fields.set("connections", part: connections)
    fields.set("intake", part: intake)
    fields.set("resident_bytes", residentBytes)
    fields.set("last_errors", rows: lastErrors)
  }

  private static func map<Value>(_ values: [String: Value], _ pack: (Value) -> MessagePackValue) -> FieldWriter {
    var fields = FieldWriter()
    for (name, value) in values.sorted(by: { $0.key < $1.key }) {
      fields.set(name, value: pack(value))
    }
    return fields
  }
}
