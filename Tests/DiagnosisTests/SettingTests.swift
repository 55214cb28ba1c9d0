import Testing

@testable import Diagnosis

@Suite("Settings as people write them")
struct SettingTests {
  @Test(
    "An address is fine, or its fault and its meaning are known",
    arguments: [
      ("http://localhost:8126", nil, nil), ("http://localhost:8126/", nil, nil),
      ("https://agent", "names no port, so that tracers take 443", "https://agent:8126"),
      ("http://localhost", "names no port, so that tracers take 80", "http://localhost:8126"),
      ("unix:///var/run/datadog/apm.socket", nil, nil), ("http://[::1]:8126", nil, nil),
      ("HTTP://AGENT:8126", nil, nil),
      ("unix:/run/apm.socket", nil, nil),
      ("localhost:8126", "has no scheme", "http://localhost:8126"), ("agent", "has no scheme", "http://agent:8126"),
      ("2001:db8::1", "has no scheme", "http://[2001:db8::1]:8126"),
      ("http:/localhost:8126", "lacks a slash behind `http:`", "http://localhost:8126"),
      ("http:localhost:8126", "lacks a slash behind `http:`", "http://localhost:8126"),
      ("http:///localhost:8126", "ends in `/localhost:8126`, and tracers add the endpoint's path themselves", nil),
      ("'http://agent'", "holds quotation marks", "http://agent:8126"),
      ("http:agent/v0.4/traces", "lacks a slash behind `http:`", "http://agent:8126"),
      ("tcp://agent:8126", "has the scheme `tcp`, which tracers do not speak", "http://agent:8126"),
      ("http://2001:db8::1:8126", "holds an IPv6 address without brackets", "http://[2001:db8::1]:8126"),
      ("http://::1", "holds an IPv6 address without brackets", "http://[::1]:8126"),
      ("http://[::1:8126", "lacks the bracket behind the address", nil),
      (
        "http://agent:8126/v0.4/traces", "ends in `/v0.4/traces`, and tracers add the endpoint's path themselves",
        "http://agent:8126"
      ),
      (
        "http://agent:port", "has the port `port`, which is no number from 1 to 65535", "http://agent:8126"
      ),
      ("http://agent:0", "has the port `0`, which is no number from 1 to 65535", "http://agent:8126"),
      ("http://agent:99999", "has the port `99999`, which is no number from 1 to 65535", "http://agent:8126"),
      ("http://:8126", "names no host", nil), ("http://", "names no host", nil),
      ("\"http://agent:8126\"", "holds quotation marks", "http://agent:8126"),
      ("http://agent:8126 ", "holds white space", "http://agent:8126"),
      ("http://$(HOST_IP):8126", "still holds `$(`: nobody put the value in", nil),
      ("http://${HOST}:8126", "still holds `${`: nobody put the value in", nil),
      (
        "unix://var/run/apm.socket", "needs three slashes behind `unix:`, two of the scheme and one of the path",
        "unix:///var/run/apm.socket"
      ),
      ("unix://", "names no socket", nil),
      ("/var/run/apm.socket", "is a path without a scheme", "unix:///var/run/apm.socket"),
      ("http:\\\\agent", "holds a backslash", nil),
    ] as [(String, String?, String?)])
  func addresses(_ value: String, _ what: String?, _ meant: String?) {
    let fault = AddressFault.ofURL(value)
    #expect(fault?.what == what)
    #expect(fault?.meant == meant)
    if let meant { #expect(AddressFault.ofURL(meant) == nil) }
  }

  @Test(
    "A host is fine, or belongs into the URL",
    arguments: [
      ("agent", nil), ("10.0.0.1", nil), ("[::1]", nil), ("agent.svc.cluster.local", nil), ("[::1", "=[::1]"),
      ("http://agent:8126", "DD_TRACE_AGENT_URL=http://agent:8126"),
      ("http://localhost", "DD_TRACE_AGENT_URL=http://localhost:8126"),
      ("https://localhost/v0.4/traces", "DD_TRACE_AGENT_URL=https://localhost:8126"),
      ("tcp://agent", "DD_TRACE_AGENT_URL=http://agent:8126"), ("http://", "DD_TRACE_AGENT_URL="),
      ("agent:8126", "DD_TRACE_AGENT_URL=http://agent:8126"),
      ("2001:db8::1", "DD_TRACE_AGENT_URL=http://[2001:db8::1]:8126"),
      ("/var/run/datadog/apm.socket", "DD_TRACE_AGENT_URL=unix:///var/run/datadog/apm.socket"),
    ] as [(String, String?)])
  func hosts(_ value: String, _ fix: String?) {
    let fault = AddressFault.ofHost(value)
    #expect(fault.map { "\($0.variable ?? "")=\($0.meant ?? "")" } == fix)
  }

  @Test("A URL where a host belongs means the port of the setting beside it")
  func hostWithPort() {
    #expect(AddressFault.ofHost("http://localhost", port: "9126")?.meant == "http://localhost:9126")
    #expect(AddressFault.ofHost("http://localhost:8127", port: "9126")?.meant == "http://localhost:8127")
    #expect(AddressFault.ofHost("http://localhost", port: "$(PORT)")?.meant == "http://localhost:8126")
  }

  @Test(
    "A port is a number",
    arguments: [("8126", nil), ("tcp://10.0.0.1:8126", "8126"), ("agent", ""), ("0", ""), ("65536", "")]
      as [(String, String?)])
  func ports(_ value: String, _ meant: String?) {
    #expect(AddressFault.ofPort(value).map { $0.meant ?? "" } == meant)
  }

  @Test(
    "A misspelt name is recognized, and names of their own are left alone",
    arguments: [
      ("DD_AGENT_HSOT", "DD_AGENT_HOST"), ("DD_TRACE_AGENT_ULR", "DD_TRACE_AGENT_URL"), ("DD_SERVCE", "DD_SERVICE"),
      ("DD_TRACE_ENABELD", "DD_TRACE_ENABLED"), ("DD_EVN", "DD_ENV"), ("DDTRACE_AGENT_URL", "DD_TRACE_AGENT_URL"),
      ("OTEL_SERVICENAME", "OTEL_SERVICE_NAME"), ("DD_TRACE_AGENTPORT", "DD_TRACE_AGENT_PORT"), ("DD_ENV", nil),
      ("DD_AGENT_PORT", nil), ("DD_APP_KEY", nil), ("DD_DOGSTATSD_HOST", nil), ("DD_CELERY_SERVICE", nil),
      ("DD_URL", nil),
      ("PATH", nil), ("DD_TRACE_HTTPX_ENABLED", nil), ("DD_LOGS_ENABLED", nil), ("OTEL_LOGS_EXPORTER", nil),
    ] as [(String, String?)])
  func names(_ name: String, _ meant: String?) { #expect(TracerVariables.meant(by: name) == meant) }

  @Test(
    "An old name is a note where it is read, a problem where it hides the agent, and nothing beside the new one",
    arguments: [
      (["DATADOG_TRACE_AGENT_HOSTNAME": "agent"], "python", [.note]),
      (["DATADOG_TRACE_AGENT_HOSTNAME": "agent"], "ruby", [.problem]),
      (["DATADOG_TRACE_AGENT_HOSTNAME": "agent"], "", []),
      (["DD_AGENT_HOSTNAME": "agent"], "", [.problem]),
      (["DD_AGENT_HOSTNAME": "agent", "DD_TRACE_AGENT_URL": "http://x:1"], "go", []),
      (["DATADOG_TRACE_AGENT_HOSTNAME": "agent", "DD_AGENT_HOST": "agent"], "ruby", []),
      (["DATADOG_SERVICE_NAME": "shop"], "java", [.warning]),
      (["DD_SERVICE_NAME": "shop"], "python", [.note]),
      (["DD_BIND_HOST": "0.0.0.0", "DD_RECEIVER_PORT": "8126"], "python", [.problem, .problem]),
      (["DD_AGENT_HOSTNAME": ""], "python", []),
    ] as [([String: String], String, [Severity])])
  func legacy(_ environment: [String: String], _ language: String, _ severities: [Severity]) throws {
    var evidence = Evidence()
    evidence.processes = [ProcessEvidence(pid: 812)]
    evidence.processes[0].environment = environment
    evidence.processes[0].language = language
    let rule = try #require(DiagnosisTable.find("RST029")).rule
    #expect(rule(evidence).map(\.severity) == severities)
  }

  @Test(
    "NO_PROXY is read as clients read it",
    arguments: [
      ("localhost", "localhost", true), ("127.0.0.1", "localhost", false), ("agent.corp", ".corp", true),
      ("agent.corp", "corp", true), ("corp", ".corp", true), ("xcorp", "corp", false), ("agent", "*", true),
      ("agent", "a, agent ,b", true), ("agent", "agent:8126", true), ("::1", "[::1]", true),
      ("127.0.0.2", "127.0.0.0/8", true),
      ("agent", "", false), ("agent.corp", "*.corp", true),
    ])
  func exemptions(_ host: String, _ list: String, _ isExempt: Bool) {
    #expect(ProxyRules.isExempt(host, list) == isExempt)
  }
}
