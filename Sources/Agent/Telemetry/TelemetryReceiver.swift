import Compression
import JSON
import Receiver
import TraceModel

/// Reads what tracers say of themselves in their telemetry, and leaves the request to whoever passes it on.
struct TelemetryReceiver: ProductEndpoint {
  /// Larger reports are passed on unread; a tracer says all of its settings in some fifty thousand.
  static let bytesMax = 512 << 10

  private let next: ForwardedProduct
  private let services: ProductServices

  init(_ next: ForwardedProduct, _ services: ProductServices) {
    self.next = next
    self.services = services
  }

  func receive(_ request: borrowing Request, headers: [AnswerHeader]) -> ProductReply {
    let reply = next.receive(request, headers: headers)
    if case .taken = reply.outcome { read(request) }
    return reply
  }

  func noteBroken(_ request: borrowing RejectedRequest) { next.noteBroken(request) }

  /// Has a copy read on another thread: a tracer's start has some hundred settings, each of which is searched for secrets.
  /// Where too many wait, or there is no memory, the report is passed on unread, as is what cannot be read: telemetry that
  /// is none is the intake's business.
  private func read(_ request: borrowing Request) {
    guard request.body.count <= Self.bytesMax else { return }
    let kind = request.allHeaders().first { $0.name.lowercased() == "dd-telemetry-request-type" }?.value
    guard let kind, TelemetryReport.readKinds.contains(kind),
      let encoding = try? ContentEncoding(header: request.headers[.contentEncoding])
    else { return }
    let claim = MemoryClaim(services.memory)
    guard claim.add(request.body.count) else { return }
    let body = Array(request.body)
    services.reading.run(
      { [self] in
        if let report = report(body, encoding) { services.tracers.add(report, nowNs: services.clock.nowNs) }
        claim.release()
      }, orRefuse: { claim.release() })
  }

  private func report(_ body: [UInt8], _ encoding: ContentEncoding) -> TelemetryReport? {
    let document = body.withUnsafeBytes { body -> JSONValue? in
      var inflater = BodyInflater()
      guard let bytes = try? inflater.inflate(body, encoding: encoding, bytesMax: Self.bytesMax) else { return nil }
      return (try? services.document(Array(bytes))) ?? nil
    }
    return document.flatMap { TelemetryReport($0) }
  }
}
