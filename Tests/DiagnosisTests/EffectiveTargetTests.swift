import Addresses
import Testing

@testable import Diagnosis

@Suite("Where a process's tracer sends")
struct EffectiveTargetTests {
  struct Case: Sendable, CustomTestStringConvertible {
    let language: String
    var version = ""
    var environment: [String: String] = [:]
    var arguments: [String] = []
    var isSocketThere = false
    let url: String
    var by: [String] = []
    var testDescription: String { "\(language) \(version) \(environment) \(arguments): \(url)" }
  }

  @Test(
    arguments: [
      Case(language: "python", url: "http://localhost:8126"),
      Case(language: "go", url: "http://localhost:8126"),
      Case(language: "ruby", url: "http://127.0.0.1:8126"),
      Case(language: "python", isSocketThere: true, url: "unix:///var/run/datadog/apm.socket"),
      Case(language: "cpp", isSocketThere: true, url: "http://localhost:8126"),
      Case(language: "python", version: "0.50.4", isSocketThere: true, url: "http://localhost:8126"),
      Case(
        language: "python", environment: ["DD_AGENT_HOST": "agent"], isSocketThere: true, url: "http://agent:8126",
        by: ["DD_AGENT_HOST"]),
      Case(
        language: "nodejs", environment: ["DD_TRACE_AGENT_PORT": "8127"], url: "http://localhost:8127",
        by: ["DD_TRACE_AGENT_PORT"]),
      Case(
        language: "java",
        environment: ["DD_TRACE_AGENT_URL": "http://a:1", "DD_AGENT_HOST": "b", "DD_TRACE_AGENT_PORT": "2"],
        url: "http://a:1", by: ["DD_TRACE_AGENT_URL"]),
      Case(
        language: "java", environment: ["DD_AGENT_HOST": "b"], arguments: ["java", "-Ddd.agent.host=c"],
        url: "http://c:8126", by: ["dd.agent.host"]),
      Case(
        language: "java", environment: ["DD_TRACE_AGENT_UNIX_DOMAIN_SOCKET": "/s"], url: "unix:///s",
        by: ["DD_TRACE_AGENT_UNIX_DOMAIN_SOCKET"]),
      Case(
        language: "dotnet", environment: ["DATADOG_TRACE_AGENT_HOSTNAME": "a", "DATADOG_TRACE_AGENT_PORT": "9"],
        url: "http://a:9", by: ["DATADOG_TRACE_AGENT_HOSTNAME", "DATADOG_TRACE_AGENT_PORT"]),
      Case(
        language: "go", environment: ["DATADOG_TRACE_AGENT_HOSTNAME": "a"], url: "http://localhost:8126"),
      Case(
        language: "python", version: "0.10.1", environment: ["DD_AGENT_HOST": "a"], url: "http://localhost:8126"),
      Case(
        language: "python", version: "0.10.1", environment: ["DATADOG_TRACE_AGENT_HOSTNAME": "a"],
        url: "http://a:8126", by: ["DATADOG_TRACE_AGENT_HOSTNAME"]),
      Case(
        language: "python", version: "2.21.0",
        environment: ["DD_AGENT_HOST": "a", "DD_TRACE_AGENT_HOSTNAME": "b", "DD_AGENT_PORT": "1"], url: "http://a:1",
        by: ["DD_AGENT_HOST", "DD_AGENT_PORT"]),
      Case(
        language: "python", version: "4.16.0", environment: ["DD_AGENT_HOST": "a", "DD_TRACE_AGENT_HOSTNAME": "b"],
        url: "http://b:8126", by: ["DD_TRACE_AGENT_HOSTNAME"]),
      Case(
        language: "python", environment: ["DD_AGENT_HOST": "::1"], url: "http://[::1]:8126", by: ["DD_AGENT_HOST"]),
      Case(language: "python", environment: ["DD_AGENT_HOST": ""], url: "http://localhost:8126"),
    ]) func `is what its tracer works out`(_ given: Case)
  {
    var process = ProcessEvidence(pid: 1)
    process.language = given.language
    process.environment = given.environment
    process.commandLine = given.arguments
    process.tracer = TracerEvidence(library: "t", version: given.version)
    let target = EffectiveTarget.of(process: process, isDefaultSocketThere: given.isSocketThere)
    #expect(target.url == given.url)
    #expect(target.decidedBy == given.by)
    #expect(target.isDefaultSocket == (given.url == "unix://\(EffectiveTarget.defaultSocketPath)"))
  }

  @Test(
    arguments: [
      ("http://localhost:8126", AgentAddress.socket(.tcp(host: "localhost", port: 8126))),
      ("HTTP://Agent/", .socket(.tcp(host: "Agent", port: 80))),
      ("https://agent", .socket(.tcp(host: "agent", port: 443))),
      ("http://[2001:db8::1]:8126/x", .socket(.tcp(host: "2001:db8::1", port: 8126))),
      ("http://u:p@h:1", .socket(.tcp(host: "h", port: 1))), ("unix:///a/b", .socket(.unix(path: "/a/b"))),
      ("unix:/a/b", .socket(.unix(path: "/a/b"))),
    ]) func `is read from an address`(url: String, address: AgentAddress)
  {
    #expect(AgentAddress.of(url: url) == address)
  }

  @Test(
    arguments: [
      "", "localhost", "localhost:8126", "agent:8126/x", "ftp://a:1", "http://", "http://:8126", "http://::1:8126",
      "http://a:", "http://a:x", "http://a:0", "http://a:65536", "http://a b:1", "\"http://a:1\"", "http://[::1",
      "http://[::1]8126", "unix://a", "http:/a", "http://a:+1",
    ]) func `is unusable when it is malformed`(url: String)
  {
    guard case .unusable = AgentAddress.of(url: url) else {
      Issue.record("\(url) was taken as \(AgentAddress.of(url: url))")
      return
    }
  }

  @Test(
    arguments: [
      ("http://localhost:1", true), ("http://127.0.0.53:1", true), ("http://[::1]:1", true), ("http://0.0.0.0:1", true),
      ("http://127.example.com:1", false), ("http://agent:1", false), ("unix:///a", false),
    ]) func `is loopback or not`(url: String, isLoopback: Bool)
  {
    #expect(AgentAddress.of(url: url).isLoopback == isLoopback)
  }

  @Test func `the socket counts as the process sees it`() {
    var evidence = Evidence()
    var ours = UnixSocketEvidence(path: EffectiveTarget.defaultSocketPath)
    ours.exists = true
    evidence.host.unixSockets = [ours, UnixSocketEvidence(path: EffectiveTarget.defaultSocketPath, seenByPid: 7)]
    #expect(EffectiveTarget.of(process: ProcessEvidence(pid: 6), in: evidence).isDefaultSocket)
    #expect(!EffectiveTarget.of(process: ProcessEvidence(pid: 7), in: evidence).isDefaultSocket)
    evidence.host.unixSockets[1].exists = true
    #expect(EffectiveTarget.of(process: ProcessEvidence(pid: 7), in: evidence).isDefaultSocket)
    evidence.host.unixSockets[1].blockedFolder = "/var/run/datadog"
    #expect(!EffectiveTarget.of(process: ProcessEvidence(pid: 7), in: evidence).isDefaultSocket)
  }
}
