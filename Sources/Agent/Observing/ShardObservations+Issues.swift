import Control
import Receiver

/// What events say of mistakes on the client's side; what else goes wrong is the network's doing or the agent's own.
extension ShardObservations {
  /// A proxy between client and agent, whatever the request is for.
  mutating func observeProxy(_ request: RequestContext) {
    guard let sign = RequestIssue.proxySign(request.headers, isAbsoluteForm: request.isAbsoluteForm) else { return }
    clientIssues.add(.proxyRequest, sign, client: request.clientName, atNs: request.nowNs)
  }

  mutating func observeUnknownPath(_ request: RequestContext) {
    clientIssues.add(
      .notFound, ClientName.text(request.path), client: request.clientName, atNs: request.nowNs)
  }

  /// A product that this agent does not offer, which is no fault of the client.
  mutating func observeOtherProduct(_ request: RequestContext) {
    clientIssues.add(
      .notOffered, ClientName.text(request.path), client: request.clientName, atNs: request.nowNs)
  }

  /// A web page of another site, whose browser says so.
  mutating func observeCrossSite(_ request: RequestContext) {
    let page = request.headers[.origin].map { " from a page of " + ClientName.text($0) } ?? ""
    clientIssues.add(
      .crossSite, ClientName.text(request.path) + page, client: request.clientName, atNs: request.nowNs)
  }

  mutating func observe(_ rejection: RequestRejection, _ request: RequestContext) {
    guard let kind = Self.issue(of: rejection.reason) else {
      // Without traces in it nothing is lost, and ending is no news about the client.
      guard rejection.takesTraces, rejection.reason != .stopping else { return }
      refusedPayload("\(ClientName.text(request.path)): \(rejection.reason.dropReason)", request)
      return
    }
    clientIssues.add(
      kind, ClientName.text(request.path), client: request.clientName,
      amount: Double(max(rejection.declaredBytes ?? 0, rejection.bytesReceived)), atNs: request.nowNs)
  }

  /// What the body of a payload shows by itself, and what became of it.
  mutating func observe(_ outcome: TraceOutcome, _ format: TraceFormat, _ request: RequestContext) {
    let isEmptyProbe = RequestIssue.isEmptyProbe(request.body)
    if isEmptyProbe { clientIssues.add(.emptyProbe, format.path, client: request.clientName, atNs: request.nowNs) }
    switch outcome {
    case .accepted, .exported, .counted, .brokenOff: break
    case .notDurable: refusedPayload("\(format.path): not_durable", request)
    case .overloaded, .unreadable(.outOfMemory):
      clientIssues.add(
        .memoryLimit, format.path, client: request.clientName, amount: Double(request.body.count),
        atNs: request.nowNs)
    case .unreadable(.tooLarge(let bytesMax)):
      // How large it would have become is not known.
      clientIssues.add(
        .tooLarge, format.path, client: request.clientName, amount: Double(bytesMax), atNs: request.nowNs)
    case .unreadable(.windowTooLarge):
      clientIssues.add(
        .tooLarge, format.path, client: request.clientName, amount: Double(request.body.count), atNs: request.nowNs)
    case .unreadable(let error):
      clientIssues.add(
        .undecodable, "\(format.path): \(error)", client: request.clientName, amount: Double(request.body.count),
        atNs: request.nowNs)
    case .unsupportedMediaType:
      if !observeStatsD(format, request) { refusedPayload("\(format.path): unsupported_media_type", request) }
    case .undecodable(let error):
      guard !isEmptyProbe, !observeStatsD(format, request) else { break }
      clientIssues.add(
        .undecodable, "\(format.path): \(error)", client: request.clientName, amount: Double(request.body.count),
        atNs: request.nowNs)
    }
  }

  /// Traces that were lost for want of a whole request or of a body in a known format.
  private mutating func refusedPayload(_ detail: String, _ request: RequestContext) {
    clientIssues.add(.refusedPayload, detail, client: request.clientName, atNs: request.nowNs)
  }

  /// A payload with another number of traces than its client announced.
  mutating func compareTraceCount(
    _ accepted: AcceptedTraces, _ format: TraceFormat, _ request: RequestContext, _ client: ClientIdentity
  ) {
    // A compressed body may hold more than its length says.
    let announced = request.announcedTraces(atMost: max(request.body.count, accepted.traces))
    guard let announced, announced != accepted.traces else { return }
    clientIssues.add(
      .traceCountMismatch, format.path, client: ClientName.of(client, request.headers),
      amount: Double(announced) - Double(accepted.traces), .sum, atNs: request.nowNs)
  }

  /// Traces of one payload that came whole and make no sense.
  mutating func observeMalformed(_ reason: String, traces: UInt64, client: String, _ request: RequestContext) {
    clientIssues.add(.malformedTrace, reason, client: client, amount: Double(traces), .sum, atNs: request.nowNs)
  }

  /// Whether a body that could not be read is metrics in the wrong place.
  private mutating func observeStatsD(_ format: TraceFormat, _ request: RequestContext) -> Bool {
    guard RequestIssue.isStatsD(request.body) else { return false }
    clientIssues.add(.statsDText, format.path, client: request.clientName, atNs: request.nowNs)
    return true
  }

  private static func issue(of reason: RejectionReason) -> ClientIssueKind? {
    switch reason {
    case .payloadTooLarge: .tooLarge
    case .memoryLimit: .memoryLimit
    case .timeout, .unexpectedEOF, .malformed, .headersTooLarge, .unsupportedEncoding, .gaveWay, .stopping, .notGRPC,
      .tooManyLateAnswers:
      nil
    }
  }
}
