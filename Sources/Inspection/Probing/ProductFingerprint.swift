import Diagnosis
import JSON
import Scrubbing

/// Names the product that gave an answer to `GET /info`.
enum ProductFingerprint {
  /// Endpoints kept of an answer, and characters of each and of a version.
  private static let endpointsMax = 64
  private static let textMax = 80
  /// Bytes read of a text to show so much of it.
  private static let textBytesMax = 4096

  static func of(_ answer: HTTPAnswer) -> ProductEvidence {
    let info = answer.status == 200 ? try? JSONValue.parse(answer.body) : nil
    if let info, let endpoints = info["endpoints"]?.elements {
      let version = info["version"]?.string ?? answer.header("datadog-agent-version") ?? ""
      return ProductEvidence(
        name: agentName(answer, info, version: version), version: shown(version),
        endpoints: endpoints.prefix(endpointsMax).compactMap { $0.string }.map { shown($0) })
    }
    if isProxy(answer) { return ProductEvidence(name: "proxy", version: shown(answer.header("server") ?? "")) }
    return ProductEvidence(name: "unknown-http")
  }

  private static func agentName(_ answer: HTTPAnswer, _ info: JSONValue, version: String) -> String {
    // The collector's receiver names itself in its version.
    if version.hasPrefix("datadogreceiver") { return "otel-collector" }
    let server = answer.header("server")?.lowercased() ?? ""
    // roost says who it is in a member of its own.
    if server.hasPrefix("roost") || info["roost"]?.members != nil { return "roost" }
    // The test agent is a Python program and says no version of its own unless told one.
    if version == "test" || server.contains("aiohttp") || info["llmobs_data_forwarding"] != nil {
      return "ddapm-test-agent"
    }
    guard let config = info["config"], config.members != nil else { return "unknown-http" }
    return "datadog-agent"
  }

  /// Squid, Envoy and their kin name themselves in headers, or ask for a password.
  private static func isProxy(_ answer: HTTPAnswer) -> Bool {
    if answer.status == 407 { return true }
    let marks = ["via", "proxy-authenticate", "proxy-connection", "x-squid-error", "x-cache-lookup", "proxy-agent"]
    if marks.contains(where: { answer.header($0) != nil }) { return true }
    let server = answer.header("server")?.lowercased() ?? ""
    return ["squid", "envoy", "haproxy", "tinyproxy", "proxy.py", "mitmproxy", "varnish", "privoxy"].contains {
      server.hasPrefix($0)
    }
  }

  static func shown(_ text: String) -> String {
    let text = Scrubber.beginning(of: text, bytesMax: textBytesMax)
    let printable = text.unicodeScalars.filter { $0.value >= 0x20 && !(0x7f...0x9f).contains($0.value) }
    return Scrubber.scrub(String(String.UnicodeScalarView(printable)), shownMax: textMax, readMax: 2 * textBytesMax)
  }
}
