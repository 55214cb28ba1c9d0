import Addresses
import Configuration
import Receiver

/// Takes metrics over HTTP and hands them to the DogStatsD of this machine, a datagram for each line: for tracers that
/// reach the agent and no DogStatsD.
struct DogStatsDRelay: ProductEndpoint {
  static let paths = ["/dogstatsd/v1/proxy", "/dogstatsd/v2/proxy"]
  /// Longer lines go nowhere: no DogStatsD reads more at once.
  static let lineBytesMax = 8_192

  /// `nil` where the configuration wants no DogStatsD.
  private let address: SocketAddress?
  private let services: ProductServices

  init(_ configuration: AgentConfiguration, _ services: ProductServices) {
    address = Self.address(configuration)
    self.services = services
  }

  /// Where DogStatsD is: as configured for the agent's own metrics, else at its usual port.
  static func address(_ configuration: AgentConfiguration) -> SocketAddress? {
    if let address = configuration.metricsAddress { return address }
    guard configuration.usesDogStatsD != false, configuration.dogStatsDPort != 0 else { return nil }
    return .tcp(host: "127.0.0.1", port: 8125)
  }

  func receive(_ request: borrowing Request, headers: [AnswerHeader]) -> ProductReply {
    let bytes = request.body.count
    services.accounts.receive(.dogStatsD, bytes: bytes, atNs: services.clock.nowNs)
    guard let address else {
      services.accounts.end(.dogStatsD, bytes: bytes, .dropped(.noDogStatsD))
      let answer = Answer(status: 503, text: "there is no DogStatsD\n", headers: headers)
      return ProductReply(
        outcome: .refused(reason: ProductDropReason.noDogStatsD.rawValue), reply: .now(answer))
    }
    let lines = request.body.split(separator: UInt8(ascii: "\n")).filter { $0.count <= Self.lineBytesMax }
    let failure = DatagramDelivery.send(lines.map { Array($0) }, to: address)
    services.accounts.end(.dogStatsD, bytes: bytes, failure == nil ? .forwarded : .dropped(.noDogStatsD))
    if let failure {
      services.log.warn(
        kind: "product dogstatsd", "metrics of a client do not reach DogStatsD at \(address): \(failure)")
    }
    // As over UDP, a client does not hear whether anybody listens.
    return ProductReply(outcome: .taken, reply: .now(Answer(status: 200, text: "", headers: headers)))
  }

  func noteBroken(_ request: borrowing RejectedRequest) {
    services.accounts.receive(.dogStatsD, bytes: request.bytesReceived, atNs: services.clock.nowNs)
    services.accounts.end(.dogStatsD, bytes: request.bytesReceived, .broken("\(request.reason.dropReason)"))
  }
}
