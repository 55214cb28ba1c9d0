import Receiver

/// What a single request shows of client issues, before anything is decoded. Pure.
enum RequestIssue {
  /// The sign that a proxy handled a request, or that the client takes the agent for one; `nil` for a direct request.
  static func proxySign(_ headers: RequestHeaders, isAbsoluteForm: Bool) -> String? {
    if let via = headers[.via] { return "Via: " + ClientName.text(via) }
    if headers.contains(.forwardedFor) { return "X-Forwarded-For" }
    return isAbsoluteForm ? "absolute-form request line" : nil
  }

  /// A body that carries nothing: none at all, or the empty payload of any version.
  static func isEmptyProbe(_ body: UnsafeRawBufferPointer) -> Bool {
    switch body.count {
    case 0: true
    case 1: body[0] == 0x90
    case 2: body.elementsEqual("[]".utf8)
    case 3: body.elementsEqual([0x92, 0x90, 0x90])
    default: false
    }
  }

  /// A body that begins like StatsD text, which no trace payload does.
  static func isStatsD(_ body: UnsafeRawBufferPointer) -> Bool {
    ForeignProtocol(firstBytes: UnsafeRawBufferPointer(rebasing: body.prefix(128))) == .statsD
  }
}
