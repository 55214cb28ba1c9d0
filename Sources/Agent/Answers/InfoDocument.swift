import Configuration
import Control
import JSON
import Receiver

/// The answer to `/info`: tracers read from it what they may send. It says only what is true of this agent.
struct InfoDocument: Sendable {
  /// From where the client comes that asks for it.
  enum Reader {
    case thisMachine
    /// Is not told which process of which user answers, nor where its control socket is.
    case network
  }

  let bytes: [UInt8]
  /// SHA-256 of `bytes`; tracers ask for the document again when it changes.
  let stateHash: String

  init(
    configuration: AgentConfiguration, routes: ServedRoutes, peerTags: [String], identity: AgentIdentity,
    for reader: Reader
  ) {
    let settings: [(String, JSONValue)] = [
      ("default_env", .string(configuration.defaultEnv)),
      ("target_tps", .double(configuration.targetTPS)),
      ("max_eps", .double(configuration.maxEPS)),
      ("receiver_port", .int(Int64(configuration.receiverPort))),
      ("receiver_socket", .string(configuration.receiverSocket)),
      ("connection_limit", .int(0)),
      ("receiver_timeout", .int(configuration.receiverTimeout.components.seconds)),
      ("max_request_bytes", .int(Int64(configuration.maxPayloadBytes))),
      // Where clients may send metrics on the agent's host; 0, where none is configured, leaves them at their own default.
      ("statsd_port", .int(Self.dogStatsDPort(configuration))),
      ("max_memory", .int(Int64(configuration.maxMemoryBytes))),
      ("max_cpu", .int(0)),
      ("analyzed_spans_by_service", Self.analyzedSpans(configuration)),
      ("obfuscation", Self.obfuscation(configuration)),
    ]
    var members: [(String, JSONValue)] = [
      ("version", .string(identity.version)),
      ("git_commit", .string(identity.commit)),
      ("endpoints", .array(routes.listedPaths.map { .string($0) })),
    ]
    if !configuration.features.isEmpty {
      members.append(("feature_flags", .array(configuration.features.sorted().map { .string($0) })))
    }
    members += [
      // Without an endpoint for their statistics tracers must not drop traces themselves, nor where the agent decides anew.
      ("client_drop_p0s", .bool(routes.takeStatistics && !configuration.probabilisticSamplerEnabled)),
      ("span_meta_structs", .bool(true)),
      ("long_running_spans", .bool(true)),
      ("span_events", .bool(true)),
      (
        "evp_proxy_allowed_headers",
        .array(routes.offersEvents ? ProductRule.eventHeaders.map { .string($0) } : [])
      ),
      ("config", .object(settings)),
      ("peer_tags", configuration.peerTagsAggregation ? .array(peerTags.map { .string($0) }) : .null),
    ]
    if configuration.computeStatsBySpanKind {
      let kinds = ["server", "consumer", "client", "producer"]
      members.append(("span_kinds_stats_computed", .array(kinds.map { .string($0) })))
    }
    members.append(("obfuscation_version", .int(Self.obfuscationVersion(configuration))))
    members += Self.filters(configuration)
    // Only an `encode(to:)` written by hand could throw.
    let member =
      switch reader {
      case .thisMachine: try? JSONValueEncoder.encode(identity)
      case .network: try? JSONValueEncoder.encode(identity.program)
      }
    if let member { members.append((AgentIdentity.infoMember, member)) }
    bytes = Array((JSONValue.object(members).text + "\n").utf8)
    stateHash = SHA256.hex(bytes)
  }

  private static func dogStatsDPort(_ configuration: AgentConfiguration) -> Int64 {
    guard case .tcp(_, let port) = configuration.metricsAddress else { return 0 }
    return Int64(port)
  }
}
