import Receiver
import Scrubbing

/// What the log says of each request at level `debug`, for somebody who looks for what does not arrive.
enum RequestLine {
  /// For example `/v0.4/traces from loopback port 53412 (python 4.16.0): 200, 1532 bytes, 2 traces, 8 spans`.
  static func text(_ context: RequestContext, _ answer: Answer, _ decoded: AcceptedTraces? = nil) -> String {
    let language = context.headers.string(.metaLang), version = context.headers.string(.metaTracerVersion)
    let client = [language, version].compactMap { $0 }.joined(separator: " ")
    let sender = Scrubber.scrub(client.isEmpty ? "\(context.peer)" : "\(context.peer) (\(client))")
    let content = decoded.map { ", \($0.traces) traces, \($0.spans) spans" } ?? ""
    return "\(Scrubber.scrub(ClientName.text(context.path))) from \(sender): \(answer.status), "
      + "\(context.body.count) bytes\(content)"
  }
}
