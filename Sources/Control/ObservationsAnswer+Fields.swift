import MessagePack

extension ObservationsAnswer: ControlFieldsConvertible {
  init(_ fields: FieldReader) {
    nowNs = fields.signed("now_ns")
    tcpRequests = fields.unsigned("tcp_requests")
    unixRequests = fields.unsigned("unix_requests")
    clientIssues = fields.rows("misuse")
    sampling = fields.part("sampling")
    services = fields.rows("services")
    intakeStatus = fields.optionalSigned("intake_status")
  }

  func write(to fields: inout FieldWriter) {
    fields.set("now_ns", nowNs)
    fields.set("tcp_requests", tcpRequests)
    fields.set("unix_requests", unixRequests)
    fields.set("misuse", rows: clientIssues)
    fields.set("sampling", part: sampling)
    fields.set("services", rows: services)
    fields.set("intake_status", intakeStatus)
  }
}

extension TracerSampling: ControlFieldsConvertible {
  init(_ fields: FieldReader) {
    traces = fields.unsigned("traces")
    droppedByDecision = fields.fields("dropped_by_decision").entries.compactMapValues(\.uint)
    clientDroppedTraces = fields.unsigned("client_dropped_traces")
    lowestLimitRate = fields.optionalNumber("lowest_limit_rate")
  }

  func write(to fields: inout FieldWriter) {
    fields.set("traces", traces)
    var dropped = FieldWriter()
    for (decision, count) in droppedByDecision.sorted(by: { $0.key < $1.key }) { dropped.set(decision, count) }
    fields.set("dropped_by_decision", dropped)
    fields.set("client_dropped_traces", clientDroppedTraces)
    if let lowestLimitRate { fields.set("lowest_limit_rate", lowestLimitRate) }
  }
}

extension ServiceVarietyRow: ControlFieldsConvertible {
  init(_ fields: FieldReader) {
    service = fields.text("service")
    env = fields.text("env")
    hits = fields.unsigned("hits")
    resources = Int(clamping: fields.unsigned("resources"))
    busiestOperation = fields.text("busiest_operation")
    idLikeResource = fields.optionalText("id_like_resource")
  }

  func write(to fields: inout FieldWriter) {
    fields.set("service", service)
    fields.set("env", env)
    fields.set("hits", hits)
    fields.set("resources", UInt64(clamping: resources))
    fields.set("busiest_operation", busiestOperation)
    fields.set("id_like_resource", idLikeResource)
  }
}
