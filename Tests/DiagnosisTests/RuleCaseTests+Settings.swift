import Diagnosis

extension RuleCaseTests {
  private static func answer(_ url: String, from product: String = "roost", for pid: Int64 = 812) -> ProbeEvidence {
    var probe = ProbeEvidence(url: url, address: "[::1]:8126", outcome: .answered)
    probe.forPid = pid
    probe.product = ProductEvidence(name: product)
    return probe
  }

  /// Settings of a process, and how much they matter when the tracer gets along with them.
  static let settings = [
    Case("a limiter that was at work a second ago", "RST044", "RST044", .warning) {
      $0.agent?.sampling.limitedSecondsAgo = 1
      $0.agent?.senders = [SenderEvidence(pid: 812)]
      $0.agent?.senders[0].firstSeenSecondsAgo = 40
    },
    Case("a limiter that was at work before a process began to send", "RST044", "RST044", .note) {
      $0.agent?.sampling.limitedSecondsAgo = 3
      $0.agent?.senders = [SenderEvidence(pid: 812)]
      $0.agent?.senders[0].firstSeenSecondsAgo = 2
    },
    Case("a limiter that has not been at work for minutes", "RST044", "RST044", .note) {
      $0.agent?.sampling.limitedSecondsAgo = 200
    },
    Case("a bare IPv6 address that nobody answers", "healthy", "RST028", .problem) {
      $0.processes[0].environment["DD_AGENT_HOST"] = "::1"
      $0.probes = []
    },
    Case("a bare IPv6 address of which the tracer makes sense", "healthy", "RST028", .warning) {
      $0.processes[0].environment["DD_AGENT_HOST"] = "::1"
      $0.probes = [answer("http://[::1]:8126")]
    },
    Case("no port, and no agent at port 80", "healthy", "RST028", .problem) {
      $0.processes[0].environment["DD_TRACE_AGENT_URL"] = "http://localhost"
      $0.probes = []
    },
    Case("no port, and an agent behind port 80", "healthy", "RST028", nil) {
      $0.processes[0].environment["DD_TRACE_AGENT_URL"] = "http://localhost"
      $0.probes = [answer("http://localhost")]
    },
    Case("an address asked for without a scheme", "healthy", "RST028", .problem) {
      $0.question.kind = "url"
      $0.question.url = "127.0.0.1:8126"
    },
    Case("localhost by two names is one agent", "healthy", "RST027", nil) {
      $0.processes[0].environment["DD_TRACE_AGENT_URL"] = "http://127.0.0.1:8126"
      $0.processes[0].environment["DD_AGENT_HOST"] = "localhost"
    },
    Case("a misspelt name although the default is right", "healthy", "RST029", .warning) {
      $0.processes[0].environment["DD_AGENT_HOSTNAME"] = "agent"
      $0.probes = [answer("http://localhost:8126")]
    },
    Case("today's variable for a tracer of 2017", "healthy", "RST029", .problem) {
      $0.processes[0].tracer = TracerEvidence(library: "ddtrace", version: "0.10.1")
      $0.processes[0].environment["DD_TRACE_AGENT_URL"] = "http://127.0.0.1:8127"
      $0.probes = []
    },
    Case("variables of all ages for a tracer of 2017", "healthy", "RST029", nil) {
      $0.processes[0].tracer = TracerEvidence(library: "ddtrace", version: "0.10.1")
      $0.processes[0].environment["DD_TRACE_AGENT_URL"] = "http://127.0.0.1:8126"
      $0.processes[0].environment["DATADOG_TRACE_AGENT_HOSTNAME"] = "127.0.0.1"
      $0.probes = [answer("http://127.0.0.1:8126")]
    },
    Case("programs of a whole machine without a tracer", "RST032", "RST032", .warning) {
      $0.question.kind = "machine"
    },
    Case("a program without a tracer that was asked about", "RST032", "RST032", .problem) {
      $0.question.kind = "name"
    },
  ]
}
