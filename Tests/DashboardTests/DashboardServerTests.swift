import Addresses
import Control
import JSON
import Platform
import Synchronization
import Testing

@testable import Dashboard

@Suite struct `The page's server` {
  /// A doctor that says `document` when it is let go.
  private final class Doctor: DoctorRunning {
    let runs = Atomic<Int>(0)
    let begun: WakePipe
    let mayEnd: WakePipe

    init() throws { (begun, mayEnd) = (try WakePipe(), try WakePipe()) }

    func run(isCancelled: @escaping @Sendable () -> Bool) -> DoctorOutcome {
      runs.add(1, ordering: .relaxed)
      begun.wake()
      while !mayEnd.waitUntilWoken(atMost: .milliseconds(5)) {
        if isCancelled() { return .failed("cancelled") }
      }
      return .document(Array(#"{"schema":"roost.doctor.v1"}"#.utf8))
    }
  }

  private static func server(_ doctor: (any DoctorRunning)? = nil) throws -> DashboardServer {
    try DashboardServer(host: "127.0.0.1", port: 0, answering: FixedAnswers(), doctor: doctor)
  }

  @Test(arguments: ["/", "/traces?query=error", "/services/a%2Fb", "/t/1f", "/setup"])
  func `answers every view with the document, and a policy that lets nothing in`(target: String) throws {
    let answer = try PageClient.get(target, from: Self.server())
    #expect(answer.status == 200 && answer.headers["content-type"] == "text/html; charset=utf-8")
    #expect(answer.body.hasPrefix("<!doctype html>"))
    let policy = try #require(answer.headers["content-security-policy"])
    #expect(policy.hasPrefix("default-src 'none';") && policy.contains("frame-ancestors 'none'"))
    #expect(!policy.contains("unsafe") && !policy.contains("*"))
    #expect(answer.headers["x-content-type-options"] == "nosniff")
    #expect(answer.headers["referrer-policy"] == "no-referrer")
    #expect(!answer.headers.keys.contains { $0.hasPrefix("access-control-") })
  }

  @Test func `gives every file that the document names with its type, and again only when it has changed`() throws {
    let server = try Self.server()
    let document = try PageClient.get("/", from: server).body
    let names = document.matches(of: /(?:src|href)="(\/assets\/[^"]+)"/).map { String($0.1) }
    #expect(names.count >= 3)
    for name in Set(names) {
      let answer = try PageClient.get(name, from: server)
      let version = try #require(answer.headers["etag"])
      #expect(answer.status == 200 && answer.headers["cache-control"] == "no-cache")
      #expect(!(answer.headers["content-type"] ?? "").hasPrefix("text/plain"))
      let again = try PageClient.get(name, from: server, ["If-None-Match": version])
      #expect(again.status == 304 && again.body.isEmpty)
    }
  }

  @Test func `refuses foreign names, foreign sites, other methods and bodies`() throws {
    let server = try Self.server()
    #expect(try PageClient.get("/", from: server, host: "evil.example").status == 403)
    #expect(try PageClient.get("/", from: server, host: nil).status == 403)
    #expect(try PageClient.get("/api/v1/info", from: server, ["Origin": "http://evil.example"]).status == 403)
    #expect(try PageClient.get("/api/v1/info", from: server, ["Sec-Fetch-Site": "cross-site"]).status == 403)
    let posted = try PageClient.get("/api/v1/info", from: server, method: "POST", ["Content-Length": "0"])
    #expect(posted.status == 405 && posted.headers["allow"] == "GET, HEAD")
    #expect(try PageClient.get("/", from: server, ["Content-Length": "9"]).status == 413)
    #expect(try PageClient.get("/", from: server, ["Transfer-Encoding": "chunked"]).status == 413)
    let head = try PageClient.get("/", from: server, method: "HEAD")
    #expect(head.status == 200 && head.body.isEmpty && head.headers["content-length"] != "0")
  }

  @Test(arguments: [
    ("/none", 404), ("/assets/", 404), ("/assets/app.js/", 200), ("/assets/../index.html", 400), ("/index.html", 200),
    ("/%00", 400), ("/t/", 404), ("/t/a/b", 404), ("/api", 404), ("/api/v2/info", 404), ("/api/v1/none", 404),
    ("/api/v1/info/x", 404), ("/api/v1/info?x=1", 400), ("/api/v1/services?since=soon", 400),
    ("/api/v1/series?by=nothing", 400), ("/api/v1/services?env=none", 503), ("/etc/passwd", 404),
  ])
  func `says what is wrong with an address`(target: String, status: Int) throws {
    #expect(try PageClient.get(target, from: Self.server()).status == status)
  }

  @Test func `refuses a head that is too long`() throws {
    let server = try Self.server()
    let answer = try PageClient.get("/" + String(repeating: "a", count: 100_000), from: server)
    #expect((400...499).contains(answer.status))
    #expect(try PageClient.get("/", from: server).status == 200)
  }

  @Test func `goes on after bytes that are no request`() throws {
    let server = try Self.server()
    for bytes in ["\u{16}\u{3}\u{1}", "GET\r\n\r\n", "\r\n\r\n\r\n\r\n", "GET / HTTP/1.1\r\nHost", ""] {
      let client = try PageClient(server)
      client.send(bytes)
    }
    #expect(try PageClient.get("/", from: server).status == 200)
  }

  @Test func `prints the same documents as the commands`() throws {
    let server = try Self.server()
    for (target, schema) in [
      ("/api/v1/info", "roost.info.v1"), ("/api/v1/services?since=5m&tests=true", "roost.services.v1"),
      ("/api/v1/resources?service=shop&all_spans=true", "roost.resources.v1"),
      ("/api/v1/series?by=services&service=a+b&step=10s&percentiles=true", "roost.series.v1"),
    ] {
      let answer = try PageClient.get(target, from: server)
      #expect(answer.headers["content-type"] == "application/json" && answer.headers["cache-control"] == "no-store")
      #expect(try JSONValue.parse(answer.body)["schema"]?.string == schema)
    }
    let series = try JSONValue.parse(
      PageClient.get("/api/v1/series?by=services&service=a+b&step=10s", from: server).body)
    #expect(series["step_ns"]?.integer == 10_000_000_000)
    #expect(series["series"]?.elements?.first?["service"]?.string == "a b")
  }

  @Test func `finds traces by the language of the commands, and shows where a query is wrong`() throws {
    let server = try Self.server()
    func error(_ target: String) throws -> (status: Int, error: JSONValue) {
      let answer = try PageClient.get(target, from: server)
      return (answer.status, try JSONValue.parse(answer.body)["error"] ?? .null)
    }
    #expect(try PageClient.get("/api/v1/traces?since=5m&sort=duration&limit=7", from: server).status == 200)
    let asked = try error("/api/v1/traces?query=status%3Aerror&limit=7")
    #expect(asked.status == 503 && asked.error["message"]?.string == "asked for status:error 7")
    let wrong = try error("/api/v1/traces?query=a+%28b")
    #expect(wrong.status == 400 && wrong.error["code"]?.string == "bad_query")
    #expect(wrong.error["position"]?.integer == 2)
    #expect(try error("/api/v1/traces?limit=0").status == 400)
    #expect(try error("/api/v1/traces?from=now").status == 400)
    let bounded = try error("/api/v1/traces?query=a+OR+b&min=2ms&max=1.5s")
    #expect(bounded.error["message"]?.string == "asked for (a OR b) duration:>=2ms duration:<=1500ms 50")
    #expect(try error("/api/v1/traces?min=2s&max=1s").error["message"]?.string?.contains("longer") == true)
    #expect(try error("/api/v1/traces?max=long").status == 400)
    #expect(try PageClient.get("/api/v1/traces?arrived_after=7", from: server).body.contains(#""arrived_up_to":7"#))
    #expect(try error("/api/v1/traces?arrived_after=now").status == 400)
    #expect(try error("/api/v1/services?from=2&to=2").error["code"]?.string == "bad_parameter")
    #expect(try PageClient.get("/api/v1/services?from=1&to=2", from: server).status == 200)
    #expect(try error("/api/v1/trace/last").error["code"]?.string == "no_trace")
    #expect(try error("/api/v1/trace/error/mail").error["code"]?.string == "search_ended_early")
    let several = try error("/api/v1/trace/00")
    #expect(several.status == 404 && several.error["code"]?.string == "ambiguous_trace")
    #expect(several.error["message"]?.string?.contains("0000000000000002") == true)
    #expect(try error("/api/v1/trace/slowest/a%2Fb/GET%20%2F").error["message"]?.string == "a/b and GET /")
    #expect(try error("/api/v1/trace/x/y/z/w").status == 400)
  }

  @Test(arguments: [
    ("", "application/json", #""notes":["1 span has a parent that is not here"#),
    ("?format=json", "application/json", #""status_code":"503""#),
    ("?format=md", "text/markdown; charset=utf-8", "### GET /cart of shop: 5.0ms, failed"),
    ("?format=otlp", "application/json", #""resourceSpans""#),
    ("?format=folded", "text/plain; charset=utf-8", "shop;web.request GET /cart 5000"),
  ])
  func `gives a trace in each format of the command`(format: String, mediaType: String, text: String) throws {
    let answer = try PageClient.get("/api/v1/trace/beef" + format, from: Self.server())
    #expect(answer.status == 200 && answer.headers["content-type"] == mediaType)
    #expect(answer.body.contains(text), "\(answer.body.prefix(300))")
  }

  /// Searches wait until they are let go.
  private final class SlowAnswers: ControlAnswering {
    let began: WakePipe
    let mayEnd: WakePipe

    init() throws { (began, mayEnd) = (try WakePipe(), try WakePipe()) }

    func answer(_ query: ControlQuery) -> ControlAnswer {
      if query.mayTakeLong() {
        began.wake()
        _ = mayEnd.waitUntilWoken(atMost: .seconds(60))
      }
      return FixedAnswers().answer(query)
    }
  }

  @Test(arguments: ["/api/v1/traces", "/api/v1/trace/beef", "/api/v1/services?since=2h", "/api/v1/series?from=1&to=2"])
  func `answers others while a search takes its time`(target: String) throws {
    let answers = try SlowAnswers()
    let server = try DashboardServer(host: "127.0.0.1", port: 0, answering: answers, doctor: nil)
    let searching = try PageClient(server)
    searching.send("GET \(target) HTTP/1.1\r\nHost: localhost:\(port(server))\r\nConnection: close\r\n\r\n")
    #expect(answers.began.waitUntilWoken(atMost: .seconds(60)))
    #expect(try PageClient.get("/api/v1/services?since=1h", from: server).status == 200)
    answers.mayEnd.wake()
    #expect(searching.rest().hasPrefix("HTTP/1.1 200 "))
    // One that is at work when the page ends is let come to its end.
    answers.began.drain()
    answers.mayEnd.drain()
    let last = try PageClient(server)
    last.send("GET \(target) HTTP/1.1\r\nHost: localhost:\(port(server))\r\nConnection: close\r\n\r\n")
    #expect(answers.began.waitUntilWoken(atMost: .seconds(60)))
    let stopping = try JoinableThread(name: "stops") { server.stop() }
    answers.mayEnd.wake()
    #expect(last.rest().hasPrefix("HTTP/1.1 200 "))
    stopping.join()
  }

  @Test func `tells those who still wait that it stops, when a search does not end`() throws {
    let answers = try SlowAnswers()
    let server = try DashboardServer(host: "127.0.0.1", port: 0, answering: answers, doctor: nil)
    let searching = try PageClient(server)
    searching.send("GET /api/v1/traces HTTP/1.1\r\nHost: localhost:\(port(server))\r\nConnection: close\r\n\r\n")
    #expect(answers.began.waitUntilWoken(atMost: .seconds(60)))
    server.stop(deadline: .now + .seconds(60), searchLimit: .milliseconds(50))
    let said = searching.rest()
    #expect(said.hasPrefix("HTTP/1.1 503 ") && said.contains("the agent is stopping"))
    // It ends after the connection, which it must not touch any more.
    answers.mayEnd.wake()
  }

  @Test func `refuses a format that is none`() throws {
    let answer = try PageClient.get("/api/v1/trace/beef?format=xml", from: Self.server())
    #expect(answer.status == 400 && answer.body.contains("json, md, otlp, folded"))
  }

  @Test func `answers newcomers while silent connections and unread answers fill its places`() throws {
    let server = try Self.server()
    var clients: [Int32] = []
    for number in 0..<(2 * ConnectionTable.connectionsMax) {
      let client = try PageClient(server, window: 4_096)
      // Four of them ask for megabytes and read nothing.
      client.send(
        number % 32 == 5
          ? "GET /api/v1/trace/beef HTTP/1.1\r\nHost: localhost:\(port(server))\r\n\r\n"
          : number % 2 == 0 ? "" : "GET / HTTP/1.1\r\nHos")
      clients.append(client.keepOpen())
    }
    for _ in 0..<8 { #expect(try PageClient.get("/", from: server).status == 200) }
    // Those that came first had to go, and what nobody reads is not held for ever.
    var byte: UInt8 = 0
    #expect(recv(clients[0], &byte, 1, 0) <= 0)
    for descriptor in clients { close(descriptor) }
    #expect(try PageClient.get("/api/v1/trace/beef", from: server).status == 200)
  }

  @Test func `closes the stream of a browser that does not read`() throws {
    let server = try Self.server()
    let sleeper = try PageClient(server, window: 2_048)
    sleeper.send("GET /api/v1/events HTTP/1.1\r\nHost: localhost:\(port(server))\r\n\r\n")
    _ = try sleeper.read(until: "event: hello\n")
    for requests in 1...100_000 where server.waitingBrowsers > 0 { server.look(requests: requests) }
    #expect(server.waitingBrowsers == 0)
    #expect(!sleeper.rest().hasSuffix("0\r\n\r\n"))
  }

  @Test func `names itself to browsers that wait, so that they notice another run`() throws {
    func hello(_ server: DashboardServer) throws -> JSONValue {
      let client = try PageClient(server)
      client.send("GET /api/v1/events HTTP/1.1\r\nHost: localhost:\(port(server))\r\n\r\n")
      let text = try client.read(until: "}\n\n")
      let line = try #require(text.split(separator: "\n").first { $0.hasPrefix("data: ") })
      return try JSONValue.parse(String(line.dropFirst(6)))
    }
    let server = try Self.server()
    let (first, second) = (try hello(server), try hello(server))
    for name in ["agent", "page"] {
      #expect(first[name]?.string?.isEmpty == false && first[name]?.string == second[name]?.string)
    }
  }

  @Test func `tells browsers that wait when something arrives, and ends with them when it stops`() throws {
    let server = try Self.server()
    let client = try PageClient(server)
    client.send("GET /api/v1/events HTTP/1.1\r\nHost: localhost:\(port(server))\r\n\r\n")
    let head = try client.read(until: "retry: ")
    #expect(head.contains("text/event-stream"))
    server.look(requests: 0)
    server.look(requests: 0)
    server.look(requests: 1)
    #expect(try client.read(until: "event: news\n").contains("event: news\n"))
    server.stop()
    #expect(client.rest().hasSuffix("0\r\n\r\n"))
  }

  @Test func `lets the browser that waited longest go when there are too many`() throws {
    let server = try Self.server()
    var clients: [Int32] = []
    let request = "GET /api/v1/events HTTP/1.1\r\nHost: localhost:\(port(server))\r\n\r\n"
    let first = try PageClient(server)
    first.send(request)
    _ = try first.read(until: "retry: ")
    for _ in 0..<EventStreams.streamsPerClientMax {
      let client = try PageClient(server)
      client.send(request)
      _ = try client.read(until: "retry: ")
      clients.append(client.keepOpen())
    }
    #expect(try first.read(until: "0\r\n\r\n").hasSuffix("0\r\n\r\n"))
    #expect(try PageClient.get("/", from: server).status == 200)
    for descriptor in clients { close(descriptor) }
  }

  @Test func `runs one doctor at a time for all who ask, and answers others meanwhile`() throws {
    let doctor = try Doctor()
    let server = try Self.server(doctor)
    let request = "GET /api/v1/doctor HTTP/1.1\r\nHost: localhost:\(port(server))\r\nConnection: close\r\n\r\n"
    let first = try PageClient(server)
    first.send(request)
    #expect(doctor.begun.waitUntilWoken(atMost: .seconds(20)))
    let second = try PageClient(server)
    second.send(request)
    #expect(try PageClient.get("/", from: server).status == 200)
    doctor.mayEnd.wake()
    for text in [first.rest(), second.rest()] { #expect(try PageClient.parsed(text).body.contains("roost.doctor.v1")) }
    #expect(doctor.runs.load(ordering: .relaxed) <= 2)
  }

  @Test func `stops while the doctor runs`() throws {
    let doctor = try Doctor()
    let server = try Self.server(doctor)
    let client = try PageClient(server)
    client.send("GET /api/v1/doctor HTTP/1.1\r\nHost: localhost:\(port(server))\r\n\r\n")
    #expect(doctor.begun.waitUntilWoken(atMost: .seconds(20)))
    server.stop()
    _ = client.rest()
    #expect(throws: PageClient.Broken.self) { try PageClient.get("/", from: server) }
  }

  @Test func `stops while malformed heads come`() throws {
    for _ in 0..<60 {
      let server = try Self.server()
      let clients = try (0..<8).map { _ in
        let client = try PageClient(server)
        client.send("GET / HTTP/1.1\r\nno colon here\r\n\r\n")
        return client.keepOpen()
      }
      defer { for client in clients { close(client) } }
      #expect(server.stop())
    }
  }

  @Test func `says which address is in use, and what to do`() throws {
    let server = try Self.server()
    let error = #expect(throws: DashboardError.self) {
      try DashboardServer(host: "127.0.0.1", port: port(server), answering: FixedAnswers(), doctor: nil)
    }
    #expect(error?.description.contains("127.0.0.1:\(port(server)) is in use") == true)
    #expect(error?.description.contains("--web=PORT") == true)
    #expect(throws: DashboardError.self) {
      try DashboardServer(host: "192.0.2.1", port: 0, answering: FixedAnswers(), doctor: nil)
    }
  }

  @Test func `has no doctor to ask unless it was given one`() throws {
    #expect(try PageClient.get("/api/v1/doctor", from: Self.server()).status == 503)
  }

  private func port(_ server: DashboardServer) -> UInt16 {
    if case .tcp(_, let port) = server.address { port } else { 0 }
  }
}
