import Control
import Testing

@testable import Launching

@Suite struct `The line of the first trace` {
  private func text(
    pid: Int64 = 812, service: String = "shop", _ language: String, _ languageVersion: String, _ tracer: String,
    after elapsed: Duration = .milliseconds(1_349)
  ) -> String {
    FirstTrace.text(
      ProcessRow(
        pid: pid, service: service, language: language, languageVersion: languageVersion, tracerVersion: tracer,
        payloads: 1, traces: 1, firstSeenNs: 0, lastSeenNs: 0), after: elapsed)
  }

  @Test func `names language, tracer, process, service and time`() {
    #expect(
      text("python", "3.12.1", "4.16.0")
        == "first trace from python 3.12, ddtrace 4.16 (pid 812, service shop) after 1.3 s")
  }

  @Test(
    arguments: [
      ("nodejs", "v20.11.0", "5.21.0", "nodejs 20.11, dd-trace 5.21"),
      ("go", "go1.22.1", "v2.1.0", "go 1.22, dd-trace-go 2.1"),
      ("python", "2.7.18", "0.10.1", "python 2.7, ddtrace 0.10"),
      ("java", "17", "1.50.0~abc", "java 17, dd-java-agent 1.50"),
      ("swift", "", "0.1.0", "swift, tracer 0.1"), ("", "", "1.0", "tracer 1.0"), ("", "", "", "an unknown client"),
      ("ruby", "3.4.0-preview1", "", "ruby 3.4"),
    ])
  func `reads versions of all kinds`(_ language: String, _ version: String, _ tracer: String, _ client: String) {
    #expect(text(language, version, tracer) == "first trace from \(client) (pid 812, service shop) after 1.3 s")
  }

  @Test func `leaves out what is not known`() {
    #expect(
      text(pid: 0, service: "", "python", "3.12", "4.16") == "first trace from python 3.12, ddtrace 4.16 after 1.3 s")
    #expect(text(pid: 0, "python", "3.12", "4.16").contains("(service shop)"))
    #expect(text("python", "3.12", "4.16", after: .zero).hasSuffix("after 0.0 s"))
    #expect(text("python", "3.12", "4.16", after: .seconds(61)).hasSuffix("after 61.0 s"))
  }
}
