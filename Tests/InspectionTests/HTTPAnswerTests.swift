import Diagnosis
import Testing

@testable import Inspection

@Suite("Answers to probes")
struct HTTPAnswerTests {
  private func answer(_ text: String) -> HTTPAnswer? { HTTPAnswer(Array(text.utf8)) }

  @Test func `a body has the announced length`() {
    let whole = answer("HTTP/1.1 200 OK\r\nA:\t b \t\r\ncontent-length: 3 \r\n\r\nabcdef")
    #expect(whole?.isComplete == true)
    #expect(whole?.body == Array("abc".utf8))
    #expect(whole?.header("a") == "b")
    #expect(answer("HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nab")?.isComplete == false)
    #expect(answer("HTTP/1.0 200\r\n\r\nab")?.isComplete == false)
  }

  @Test func `chunks are put together`() {
    let head = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
    let whole = answer(head + "3\r\nabc\r\n2;x=y\r\nde\r\n0\r\n\r\n")
    #expect(whole?.body == Array("abcde".utf8))
    #expect(whole?.isComplete == true)
    #expect(answer(head + "3\r\nab")?.isComplete == false)
    #expect(answer(head + "zz\r\nab")?.isComplete == false)
    #expect(answer(head + "7fffffffffffffff\r\nab")?.isComplete == false)
  }

  @Test(arguments: ["", "HTTP/1.1 200 OK", "HTTP/2 200\r\n", "SSH-2.0\r\n", "HTTP/1.1 abc\r\n", "HTTP/1.1 99999\r\n"])
  func `what is no HTTP/1 answer is none`(text: String) {
    #expect(answer(text) == nil)
  }

  private static let datadog =
    #"{"version":"7.81.0","git_commit":"a","endpoints":["/v0.4/traces"],"client_drop_p0s":true,"config":"#
    + #"{"default_env":"none","receiver_timeout":0,"statsd_port":8125,"obfuscation":{}}}"#
  private static let roost =
    #"{"version":"0.1","git_commit":"a","endpoints":["/v0.3/traces","/v0.4/traces"],"config":"#
    + #"{"default_env":"none","receiver_timeout":5,"max_memory":1,"obfuscation":{}},"roost":{"program":"p"}}"#
  private static let testAgent =
    #"{"version":"test","endpoints":["/v0.4/traces"],"config":{},"client_drop_p0s":true,"peer_tags":[]}"#
  private static let collector =
    #"{"version":"datadogreceiver-otelcol-contrib-0.150.0","endpoints":["/v0.4/traces"],"config":null}"#

  @Test(
    arguments: [
      (200, "", datadog, "datadog-agent", "7.81.0"), (200, "", roost, "roost", "0.1"),
      (200, "Server: Python/3.11 aiohttp/3.9\r\n", testAgent, "ddapm-test-agent", "test"),
      (200, "", collector, "otel-collector", "datadogreceiver-otelcol-contrib-0.150.0"),
      (403, "Server: squid/5.7\r\nX-Squid-Error: ERR 0\r\n", "<html>", "proxy", "squid/5.7"),
      (407, "", "", "proxy", ""), (502, "Via: 1.1 proxy\r\n", "", "proxy", ""),
      (404, "", "404 page not found\n", "unknown-http", ""), (200, "Server: nginx\r\n", "<html>", "unknown-http", ""),
      (200, "", "{}", "unknown-http", ""), (200, "", #"{"endpoints":[]}"#, "unknown-http", ""),
    ]) func `the product is told by its answer`(
      status: Int, headers: String, body: String, name: String, version: String
    ) throws
  {
    let text = "HTTP/1.1 \(status) X\r\n\(headers)Content-Length: \(body.utf8.count)\r\n\r\n\(body)"
    let product = ProductFingerprint.of(try #require(answer(text)))
    #expect(product.name == name)
    #expect(product.version == version)
  }

  @Test func `endpoints of an agent are kept, and what it sends cannot paint the terminal`() throws {
    let product = ProductFingerprint.of(try #require(answer("HTTP/1.1 200 X\r\n\r\n" + Self.roost)))
    #expect(product.endpoints == ["/v0.3/traces", "/v0.4/traces"])
    #expect(ProductFingerprint.shown("a\u{1b}[31mb\u{9b}c") == "a[31mbc")
    #expect(ProductFingerprint.shown(String(repeating: "x", count: 1000)).count == 80)
  }

  @Test func `a server that waits for TLS says so in plain HTTP`() throws {
    let body = "Client sent an HTTP request to an HTTPS server.\n"
    let complaint = try #require(answer("HTTP/1.0 400 Bad Request\r\n\r\n" + body))
    #expect(SpokenProtocol.name(of: complaint) == "tls")
    #expect(SpokenProtocol.name(of: try #require(answer("HTTP/1.0 400 Bad Request\r\n\r\n"))) == nil)
  }
}
