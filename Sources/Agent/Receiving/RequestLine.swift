import Receiver
import Scrubbing

/// What the log says of each request at level `debug`, for somebody who looks for what does not arrive.
enum RequestLine {
  /// For example `/v0.4/traces from loopback port 53412 (python 4.16.0): 200, 1532 bytes, 2 traces, 8 spans`.
  static func text(_ context: RequestContext, _ answer: Answer, _ decoded: AcceptedTraces? = nil) -> String {
    let content = decoded.map { ", \(count($0.traces, "trace")), \(count($0.spans, "span"))" } ?? ""
    return "\(origin(context)): \(answer.status), \(count(context.body.count, "byte"))\(content)"
  }

  /// A request that another part of the agent takes, as in `…: 200, 12 bytes, taken`.
  static func text(_ context: RequestContext, _ product: ProductReply) -> String {
    let status =
      switch product.reply {
      case .now(let answer): "\(answer.status)"
      case .later: "to be answered"
      }
    let outcome =
      switch product.outcome {
      case .taken: "taken"
      case .refused(let reason): "refused (\(reason))"
      }
    return "\(origin(context)): \(status), \(count(context.body.count, "byte")), \(outcome)"
  }

  /// A request that never was whole, as in `…: refused (payload-too-large), 12 bytes had come`.
  static func text(_ context: RequestContext, _ rejection: RequestRejection) -> String {
    let came = rejection.bytesReceived == 1 ? "1 byte had come" : "\(rejection.bytesReceived) bytes had come"
    return "\(origin(context)): refused (\(rejection.reason.answerText)), \(came)"
  }

  private static func count(_ number: Int, _ name: String) -> String { "\(number) \(name)\(number == 1 ? "" : "s")" }

  /// Where a request went, and from whom it came.
  private static func origin(_ context: RequestContext) -> String {
    let language = context.headers.string(.metaLang), version = context.headers.string(.metaTracerVersion)
    let client = [language, version].compactMap { $0 }.joined(separator: " ")
    let sender = Scrubber.scrub(client.isEmpty ? "\(context.peer)" : "\(context.peer) (\(client))")
    return "\(Scrubber.scrub(ClientName.text(context.path))) from \(sender)"
  }
}
