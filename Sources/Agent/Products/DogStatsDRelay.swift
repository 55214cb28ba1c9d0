import Addresses
import Configuration
import Receiver
import TraceModel

/// Takes metrics over HTTP and hands them to the DogStatsD of this machine, a datagram for each line: for tracers that
/// reach the agent and no DogStatsD.
struct DogStatsDRelay: ProductEndpoint {
  static let paths = ["/dogstatsd/v1/proxy", "/dogstatsd/v2/proxy"]
  /// Larger bodies are refused: tracers send some kilobytes.
  static let bodyBytesMax = 1 << 20

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
    do throws(ProductRefusal) {
      try take(request)
    } catch {
      services.accounts.end(.dogStatsD, bytes: bytes, .dropped(error.reason))
      return ProductReply(
        outcome: .refused(reason: error.reason.rawValue),
        reply: .now(Answer(status: error.status, text: error.text + "\n", headers: headers)))
    }
    // As over UDP, a client does not hear whether anybody listens.
    return ProductReply(outcome: .taken, reply: .now(Answer(status: 200, text: "", headers: headers)))
  }

  private func take(_ request: borrowing Request) throws(ProductRefusal) {
    guard let address else {
      throw ProductRefusal(status: 503, reason: .noDogStatsD, text: "there is no DogStatsD")
    }
    guard request.body.count <= Self.bodyBytesMax else {
      throw ProductRefusal(status: 413, reason: .payloadTooLarge, text: "payload-too-large")
    }
    let claim = MemoryClaim(services.memory)
    guard claim.add(request.body.count) else {
      throw ProductRefusal(status: 429, reason: .memoryLimit, text: "memory-limit")
    }
    let lines = Array(request.body)
    services.relaying.run(
      { [self] in
        relay(lines, to: address)
        claim.release()
      },
      orRefuse: { [self] in
        // Too many wait already, or the agent stops.
        services.accounts.end(.dogStatsD, bytes: lines.count, .dropped(.tooManyUnderWay))
        claim.release()
      })
  }

  private func relay(_ lines: [UInt8], to address: SocketAddress) {
    let outcome = lines.withUnsafeBytes { DatagramDelivery.send(linesOf: $0, to: address) }
    services.accounts.end(
      .dogStatsD, bytes: lines.count,
      losing: [.lineTooLong: outcome.tooLongBytes, .noDogStatsD: outcome.unsentBytes])
    if let failure = outcome.failure {
      services.log.warn(
        kind: "product dogstatsd", "metrics of a client do not reach DogStatsD at \(address): \(failure)")
    }
  }

  func noteBroken(_ request: borrowing RejectedRequest) {
    services.accounts.receive(.dogStatsD, bytes: request.bytesReceived, atNs: services.clock.nowNs)
    services.accounts.end(.dogStatsD, bytes: request.bytesReceived, .broken("\(request.reason.dropReason)"))
  }
}
