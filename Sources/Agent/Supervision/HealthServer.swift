import Addresses
import Receiver

/// Answers the probes of orchestrators on a port of its own, as the Datadog agent does on its `health_port`: 200 where all
/// parts are healthy, else 500, with the names of both as JSON. `/ready` and `/startup` ask whether traces are taken too;
/// every other path asks whether the agent lives.
final class HealthServer: Sendable {
  private let server: HTTPServer

  /// Addresses that it listens on, with the port that was given for 0.
  var listeners: [SocketAddress] { server.listeners }

  /// - Parameter port: on all addresses, as in the Datadog agent: probes come from outside of the pod. 0 takes any free one.
  init(port: UInt16, health: AgentHealth) throws(ReceiverError) {
    server = try HTTPServer(
      configuration: Self.bounds(port: port), handler: { request in .now(Self.answer(request, health)) })
  }

  /// A probe is a few hundred bytes and comes every few seconds.
  private static func bounds(port: UInt16) -> ReceiverConfiguration {
    ReceiverConfiguration(
      tcp: [.tcp(host: "0.0.0.0", port: port), .tcp(host: "::", port: port)], maxPayloadBytes: 1_024,
      bodyBytesInFlightMax: 16_384, maxConnections: 32, idleTimeout: .seconds(5), requestTimeout: .seconds(2),
      headerBytesMax: 8_192, lateAnswersMax: 1)
  }

  private static func answer(_ request: borrowing Request, _ health: AgentHealth) -> Answer {
    let path = request.path
    let asksReadiness = ["/ready", "/startup"].contains { path.elementsEqual($0.utf8) }
    let report = health.report(includingReceiver: asksReadiness)
    return Answer(
      status: report.unhealthy.isEmpty ? 200 : 500,
      body: PreparedBody(report.json.utf8, contentType: "application/json"))
  }

  /// Closes the port and ends its threads, whoever waits.
  func stop() { server.stop(deadline: .zero) }
}

extension AgentHealth.Report {
  /// `{"Healthy":["main-loop"],"Unhealthy":[]}`, with the names of the Datadog agent's members.
  var json: String {
    func list(_ names: [String]) -> String { names.map { "\"\($0)\"" }.joined(separator: ",") }
    return "{\"Healthy\":[\(list(healthy))],\"Unhealthy\":[\(list(unhealthy))]}\n"
  }
}
