/// The request headers that anything in the agent reads. Others are not kept.
///
/// The names are those that Datadog tracers send to the trace-agent; what each is for is said by its reader.
package enum KnownHeader: UInt8, CaseIterable, Sendable {
  case contentType, contentLength, contentEncoding, transferEncoding, expect, host, via, forwardedFor, fetchSite,
    origin, userAgent
  case traceCount, processTags, containerID, entityID, externalEnv
  case metaLang, metaLangVersion, metaLangInterpreter, metaTracerVersion
  case clientComputedTopLevel, clientComputedStats, clientDroppedP0Traces, clientDroppedP0Spans
  case ratesPayloadVersion, sendRealHTTPStatus, obfuscationVersion
  case clientLibraryLanguage, clientLibraryVersion

  /// Whether it says where the body ends, or that the body waits for an answer.
  var framesBody: Bool {
    switch self {
    case .contentLength, .transferEncoding, .expect: true
    default: false
    }
  }

  /// As clients write it; compared without regard to case.
  package var name: StaticString {
    switch self {
    case .contentType: "Content-Type"
    case .contentLength: "Content-Length"
    case .contentEncoding: "Content-Encoding"
    case .transferEncoding: "Transfer-Encoding"
    case .expect: "Expect"
    case .host: "Host"
    case .via: "Via"
    case .forwardedFor: "X-Forwarded-For"
    case .fetchSite: "Sec-Fetch-Site"
    case .origin: "Origin"
    case .userAgent: "User-Agent"
    case .traceCount: "X-Datadog-Trace-Count"
    case .processTags: "X-Datadog-Process-Tags"
    case .containerID: "Datadog-Container-ID"
    case .entityID: "Datadog-Entity-ID"
    case .externalEnv: "Datadog-External-Env"
    case .metaLang: "Datadog-Meta-Lang"
    case .metaLangVersion: "Datadog-Meta-Lang-Version"
    case .metaLangInterpreter: "Datadog-Meta-Lang-Interpreter"
    case .metaTracerVersion: "Datadog-Meta-Tracer-Version"
    case .clientLibraryLanguage: "DD-Client-Library-Language"
    case .clientLibraryVersion: "DD-Client-Library-Version"
    case .clientComputedTopLevel: "Datadog-Client-Computed-Top-Level"
    case .clientComputedStats: "Datadog-Client-Computed-Stats"
    case .clientDroppedP0Traces: "Datadog-Client-Dropped-P0-Traces"
    case .clientDroppedP0Spans: "Datadog-Client-Dropped-P0-Spans"
    case .obfuscationVersion: "Datadog-Obfuscation-Version"
    case .ratesPayloadVersion: "Datadog-Rates-Payload-Version"
    case .sendRealHTTPStatus: "Datadog-Send-Real-Http-Status"
    }
  }
}
