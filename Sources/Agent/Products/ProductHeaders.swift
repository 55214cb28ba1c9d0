import Configuration
import Exporting
import Receiver

/// What intakes of products are told of the agent.
struct ProductSender: Sendable {
  let version: String
  let hostname: String
  let env: String
  /// `host:…,default_env:…,agent_version:…`, and where the agent runs.
  let tags: String
  /// How tracing was installed; empty where that is not known.
  let installation: [HTTPHeader]

  init(_ configuration: AgentConfiguration, hostname: String, version: String) {
    self.version = version
    self.hostname = hostname
    env = configuration.defaultEnv
    let orchestrator = configuration.isOnFargate ? ",orchestrator:fargate_\(configuration.isOnECS ? "ecs" : "eks")" : ""
    tags = "host:\(hostname),default_env:\(env),agent_version:\(version)\(orchestrator)"
    installation =
      configuration.installID.map { id in
        [
          HTTPHeader("DD-Agent-Install-Id", id), HTTPHeader("DD-Agent-Install-Type", configuration.installType ?? ""),
          HTTPHeader("DD-Agent-Install-Time", "\(configuration.installTime)"),
        ]
      } ?? []
  }

  /// The name by which intakes know that a request came through an agent.
  var via: HTTPHeader { HTTPHeader("Via", "trace-agent \(version)") }
}

/// Headers of requests that are passed on, and of the answers to them.
enum ProductHeaders {
  /// Those of one connection (RFC 9110, 7.6.1), of another proxy, or that the agent sets itself: a client's own key never
  /// goes out beside the agent's.
  private static let ownConnection: Set = [
    "connection", "keep-alive", "proxy-connection", "proxy-authenticate", "proxy-authorization", "te", "trailer",
    "transfer-encoding", "upgrade", "host", "content-length", "expect", "via", "forwarded", "x-forwarded-for",
    "x-forwarded-host", "x-forwarded-proto", "dd-api-key", "dd-application-key",
  ]

  /// Headers of an answer that clients go by; the others are the intake's own business.
  private static let ofAnswer: Set = [
    "content-encoding", "retry-after", "etag", "last-modified", "cache-control", "allow", "vary",
  ]
  private static let ofAnswerPrefixes = ["x-ratelimit-", "x-datadog-", "dd-"]

  /// A client's headers without those of its connection, those whose name is none, and those in `replaced`, which come
  /// behind them.
  static func passedOn(_ headers: [Request.Field], adding replaced: [HTTPHeader]) -> [HTTPHeader] {
    var left = ownConnection.union(replaced.map { compared($0.name) })
    // The client may name more of them.
    for field in headers where field.name.lowercased() == "connection" {
      for name in field.value.split(separator: ",") { left.insert(compared(name.filter { $0 != " " })) }
    }
    return headers.filter { HTTPHeader.isName($0.name) && !left.contains(compared($0.name)) }
      .map { HTTPHeader($0.name, $0.value) } + replaced
  }

  /// A name as it is compared: some servers take an underscore for a dash.
  private static func compared(_ name: some StringProtocol) -> String {
    String(name.lowercased().map { $0 == "_" ? "-" : $0 })
  }

  /// The tags of a container as a header: none where there are none.
  static func containerTags(_ container: KnownContainer?) -> [HTTPHeader] {
    guard let container, !container.joinedTags.isEmpty else { return [] }
    let bytes = container.joinedTags.map { $0 == 0x0A || $0 == 0x0D ? UInt8(ascii: "_") : $0 }
    return [HTTPHeader("X-Datadog-Container-Tags", String(decoding: bytes, as: UTF8.self))]
  }

  /// The id of a container as a header: none where it is not known.
  static func containerID(_ container: KnownContainer?) -> [HTTPHeader] {
    container.flatMap { $0.id.isEmpty ? nil : [HTTPHeader("Datadog-Container-ID", $0.id)] } ?? []
  }

  /// An intake's answer as the client gets it.
  static func answer(_ answer: ProxyAnswer, status: Int, _ own: [AnswerHeader]) -> Answer {
    var contentType = "text/plain; charset=utf-8"
    var headers = own
    for field in answer.headers {
      let name = field.name.lowercased()
      if name == "content-type" {
        contentType = field.value
      } else if ofAnswer.contains(name) || ofAnswerPrefixes.contains(where: name.hasPrefix) {
        headers.append(AnswerHeader(field.name, field.value))
      }
    }
    return Answer(
      status: UInt16(clamping: status), body: PreparedBody(answer.body, contentType: contentType, headers: headers))
  }
}
