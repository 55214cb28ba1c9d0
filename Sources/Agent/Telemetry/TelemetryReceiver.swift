import Compression
import Receiver

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
    if case .taken = reply.outcome, let report = report(request) {
      services.tracers.add(report, nowNs: services.clock.nowNs)
    }
    return reply
  }

  func noteBroken(_ request: borrowing RejectedRequest) { next.noteBroken(request) }

  /// `nil` for heartbeats, metrics and whatever cannot be read: telemetry that is none is the intake's business.
  private func report(_ request: borrowing Request) -> TelemetryReport? {
    guard request.body.count <= Self.bytesMax else { return nil }
    let kind = request.allHeaders().first { $0.name.lowercased() == "dd-telemetry-request-type" }?.value
    guard let kind, TelemetryReport.readKinds.contains(kind) else { return nil }
    var inflater = BodyInflater()
    guard let encoding = try? ContentEncoding(header: request.headers[.contentEncoding]),
      let body = try? inflater.inflate(request.body, encoding: encoding, bytesMax: Self.bytesMax),
      let document = (try? services.document(Array(body))) ?? nil
    else { return nil }
    return TelemetryReport(document)
  }
}
