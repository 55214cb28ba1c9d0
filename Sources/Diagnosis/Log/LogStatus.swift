/// HTTP statuses in log lines: how lines report them, and what each means between a tracer and an agent.
package enum LogStatus {
  /// What stands before the number.
  private static let markers = [
    "HTTP error status ", "Error code: ", "received response ", "does not indicate success: ", "status code ",
    "status code: ", "status code was ", "HTTP status code ", "statusCode: ", "status_code: ", "Status: ", "status: ",
    "HTTP/1.1 ", "HTTP error ", "(HTTP code ", "Response code: ", "response code ", "code:", "statusCode=", "(status ",
    "responded with: ", "response status ", "batch code: ", "HTTP Status Code ", "/v1/traces: ", "\"code\":\"",
  ]

  /// Lower-case names of statuses, for lines without the number.
  private static let names: [(String, Int)] = [
    ("payload-too-large", 413), ("payload_too_large", 413), ("payload too large", 413),
    ("request entity too large", 413), ("read limit reached", 413), ("too many requests", 429),
    ("proxy authentication required", 407), ("unsupported media type", 415),
  ]

  /// What an answer with `status` says; `nil` for statuses that say nothing particular.
  package static func meaning(_ status: Int) -> String? {
    switch status {
    case 400: "the agent could not read the payload"
    case 403: "something refused it, and trace agents do not answer 403 but proxies do"
    case 404: "what answered does not know the path, as an older agent or another program on that port"
    case 405: "what answered takes no traces, as another program on that port"
    case 407: "a proxy in between wants a user name"
    case 408: "the request did not arrive in time"
    case 413: "the payload was larger than the agent takes"
    case 415: "the agent does not take this format"
    case 429: "the agent was at its limit and asked the tracer to come later"
    case 502, 504: "a proxy in between could not reach the agent"
    case 500...599: "what answered had a fault of its own, or was stopping"
    default: nil
    }
  }

  static func found(in line: LogText, from start: Int = 0) -> Int? {
    for marker in markers {
      guard let end = line.end(of: marker, from: start), let status = line.number(at: end),
        (300...599).contains(status)
      else { continue }
      return status
    }
    let small = line.lowercased
    return names.first { small.find($0.0, from: start) != nil }?.1
  }
}
