import Compression
import Control
import Decoding
import Scrubbing
import TraceModel

/// Payloads that cannot be decoded.
extension RequestRecorder {
  /// Keeps a payload that is not what its format asks for, and tells of it. The batch still has its bytes, decompressed.
  func report(
    _ error: DecodeError, _ reason: RefusalReason, _ format: TraceFormat, _ context: RequestContext,
    _ batch: borrowing SpanBatch, _ outbox: inout Outbox
  ) {
    let bytes = batch.bytes(ByteSlice(bodyOffset: 0, length: batch.bodyBytes))
    var client = ClientIdentity(context.headers)
    if case .body = format.client {
      let said = ClientIdentity(format.client, context.headers, batch)
      // What came before the fault.
      client = ClientIdentity(
        language: said.language.flatMap { $0.isEmpty ? nil : $0 } ?? client.language,
        languageVersion: said.languageVersion.flatMap { $0.isEmpty ? nil : $0 } ?? client.languageVersion,
        interpreter: client.interpreter,
        tracerVersion: said.tracerVersion.flatMap { $0.isEmpty ? nil : $0 } ?? client.tracerVersion)
    }
    let fault = PayloadFault(error)
    // In one without bytes there is nothing to look at, and metrics are no payload of traces.
    let id =
      bytes.isEmpty || RequestIssue.isStatsD(context.body)
      ? nil : observers.badPayloads.add(fault, of: bytes, format: format.name, client: client, context)
    warn(fault.message, reason, format, context, id: id, &outbox)
  }

  /// Keeps a payload that cannot be decompressed, and tells of it.
  func report(
    _ error: InflateError, _ reason: RefusalReason, _ format: TraceFormat, _ context: RequestContext,
    _ outbox: inout Outbox
  ) {
    var id: UInt64?
    switch error {
    case .corrupt, .truncated:
      id = observers.badPayloads.add(
        PayloadFault(error), of: context.body, format: format.name, client: ClientIdentity(context.headers), context)
    case .unknownEncoding, .tooLarge, .windowTooLarge, .outOfMemory: break
    }
    warn("\(error)", reason, format, context, id: id, &outbox)
  }

  /// A line for the log, once a minute for each client and reason.
  private func warn(
    _ error: String, _ reason: RefusalReason, _ format: TraceFormat, _ context: RequestContext, id: UInt64?,
    _ outbox: inout Outbox
  ) {
    let name = context.clientName
    let notice = observers.drops.due(client: name, reason: reason.rawValue, count: 1, nowNs: context.nowNs)
    guard let notice else { return }
    let client = name.isEmpty ? "an unknown client" : Scrubber.scrub(name)
    let others =
      notice.count > 1
      ? " (\(notice.count) \(notice.isOfSeveralClients ? "of several clients" : "of its kind") since the last such line)"
      : ""
    let inspect = id.map { "; see roost inspect \($0)" } ?? ""
    outbox.warn(
      "cannot decode a \(format.name) payload of \(context.body.count) bytes from \(client): \(error)\(others)\(inspect)",
      isListed: true)
  }
}
