import Receiver

/// Refuses the requests of a product that is turned off, as Datadog's trace-agent does for some. `/info` does not list it.
struct TurnedOffProduct: ProductEndpoint {
  let product: Product
  let status: UInt16
  let text: String
  let services: ProductServices

  func receive(_ request: borrowing Request, headers: [AnswerHeader]) -> ProductReply {
    services.accounts.receive(product, bytes: request.body.count, atNs: services.clock.nowNs)
    services.accounts.end(product, bytes: request.body.count, .dropped(.turnedOff))
    return ProductReply(
      outcome: .refused(reason: ProductDropReason.turnedOff.rawValue),
      reply: .now(Answer(status: status, text: text + "\n", headers: headers)))
  }

  func noteBroken(_ request: borrowing RejectedRequest) {
    services.accounts.receive(product, bytes: request.bytesReceived, atNs: services.clock.nowNs)
    services.accounts.end(product, bytes: request.bytesReceived, .broken("\(request.reason.dropReason)"))
  }
}
