import Control
import JSON
import Testing

@testable import Agent

@Suite struct `Telemetry of tracers` {
  private static func envelope(_ kind: String, _ payload: String, runtime: String = "r1") -> String {
    """
    {"api_version":"v2","request_type":"\(kind)","runtime_id":"\(runtime)","seq_id":1,
     "application":{"service_name":"shop","env":"dev","service_version":"1","language_name":"python",
     "language_version":"3.13.1","tracer_version":"4.16.0"},"host":{"hostname":"vm"},"payload":\(payload)}
    """
  }

  private static func report(_ kind: String, _ payload: String, runtime: String = "r1") throws -> TelemetryReport {
    try #require(TelemetryReport(try JSONValue.parse(envelope(kind, payload, runtime: runtime))))
  }

  private static let started = """
    {"configuration":[
      {"name":"DD_SERVICE","value":"shop","origin":"env_var","seq_id":2},
      {"name":"DD_SERVICE","value":"unnamed","origin":"default","seq_id":1},
      {"name":"DD_TRACE_ENABLED","value":true,"origin":"default","seq_id":3},
      {"name":"DD_API_KEY","value":"0123456789abcdef0123456789abcdef","origin":"env_var","seq_id":4},
      {"name":"DD_LOGS_INJECTION","value":null,"origin":"default","seq_id":5},
      {"name":"DD_TRACE_SAMPLE_RATE","value":1.5,"origin":"default","seq_id":6,"error":{"code":1,"message":"not a rate"}},
      {"name":"DD_TAGS","value":["a:b"],"origin":"code","seq_id":7}, 7],
     "products":{"profiler":{"enabled":true},"appsec":{"enabled":false,"error":{"code":2,"message":"no library"}}},
     "error":{"code":0,"message":"all well"}}
    """

  @Test func `tells how a tracer is set up, without secrets`() throws {
    let table = TracerTable()
    table.add(try Self.report("app-started", Self.started), nowNs: 5)
    let row = try #require(table.rows.first)
    #expect(row.runtimeID == "r1" && row.service == "shop" && row.env == "dev" && row.version == "1")
    #expect(row.language == "python" && row.languageVersion == "3.13.1" && row.tracerVersion == "4.16.0")
    #expect(row.hostname == "vm" && row.firstSeenNs == 5 && !row.isClosed)
    #expect(
      row.settings.map { "\($0.name)=\($0.value) \($0.origin) \($0.error)" } == [
        "DD_API_KEY=… env_var ", "DD_SERVICE=shop env_var ", #"DD_TAGS=["a:b"] code "#,
        "DD_TRACE_ENABLED=true default ", "DD_TRACE_SAMPLE_RATE=1.5 default not a rate",
      ])
    #expect(row.products == ["profiler": true, "appsec": false])
    #expect(row.messages.map(\.message) == ["appsec: no library"])
  }

  @Test func `tells what changes later`() throws {
    let table = TracerTable()
    table.add(try Self.report("app-started", Self.started), nowNs: 5)
    let change = #"{"configuration":[{"name":"DD_SERVICE","value":"till","origin":"code","seq_id":9}]}"#
    table.add(try Self.report("app-client-configuration-change", change), nowNs: 6)
    let old = #"{"configuration":[{"name":"DD_SERVICE","value":"older","origin":"code","seq_id":3}]}"#
    table.add(try Self.report("app-client-configuration-change", old), nowNs: 7)
    #expect(table.rows.first?.settings.first { $0.name == "DD_SERVICE" }?.value == "till")
    let batch = """
      [{"request_type":"app-integrations-change","payload":{"integrations":[
         {"name":"redis","enabled":true,"version":"5"},
         {"name":"flask","enabled":true,"version":"3.1","compatible":true,"error":""},
         {"name":"grpc","enabled":false,"compatible":false,"error":"cannot import u:hunter2@grpc"}]}},
       {"request_type":"logs","payload":{"logs":[{"message":"boom","level":"ERROR"},{"message":"fine","level":"DEBUG"}]}},
       {"request_type":"message-batch","payload":[{"request_type":"app-closing"}]},
       {"request_type":"app-heartbeat","payload":{}}]
      """
    table.add(try Self.report("message-batch", batch), nowNs: 8)
    let row = try #require(table.rows.first)
    #expect(row.integrations.map(\.name) == ["flask", "grpc", "redis"])
    #expect(row.integrations[1].error.contains("hunter2") == false && !row.integrations[1].isEnabled)
    #expect(row.messages.map(\.message) == ["boom", "appsec: no library"] && row.messages[0].level == "error")
    // A batch within a batch is none.
    #expect(!row.isClosed && row.lastSeenNs == 8 && row.firstSeenNs == 5)
    table.add(try Self.report("app-closing", "{}"), nowNs: 9)
    #expect(table.rows.first?.isClosed == true)
  }

  @Test func `takes the newest of a setting that its tracer does not number`() throws {
    let table = TracerTable()
    func say(_ settings: String) throws {
      table.add(try Self.report("app-client-configuration-change", #"{"configuration":[\#(settings)]}"#), nowNs: 1)
    }
    func shown() -> [String] { table.rows.first?.settings.map { "\($0.name)=\($0.value)" } ?? [] }
    try say(#"{"name":"a","value":"1","origin":"env_var"},{"name":"b","value":"old","origin":"env_var"}"#)
    try say(#"{"name":"b","value":"new","origin":"code"}"#)
    #expect(shown() == ["a=1", "b=new"])
    try say(#"{"name":"b","value":"","origin":"default"}"#)
    #expect(shown() == ["a=1"])
  }

  @Test func `forgets what is a default again, and does not take it back from an older report`() throws {
    let table = TracerTable()
    func say(_ settings: [String]) throws {
      let all = settings.joined(separator: ",")
      table.add(try Self.report("app-client-configuration-change", #"{"configuration":[\#(all)]}"#), nowNs: 1)
    }
    func setting(_ name: String, _ origin: String, _ number: Int) -> String {
      #"{"name":"\#(name)","value":"v","origin":"\#(origin)","seq_id":\#(number)}"#
    }
    try say((0..<500).flatMap { [setting("n\($0)", "code", 2 * $0), setting("n\($0)", "default", 2 * $0 + 1)] })
    #expect(table.heldSettings == 0)
    // In any order of the report.
    try say([setting("n", "default", 2), setting("n", "code", 1)])
    #expect(table.heldSettings == 0)
    for number in 0..<500 {
      try say([setting("n\(number)", "code", 3 * number)])
      try say([setting("n\(number)", "default", 3 * number + 2)])
    }
    #expect(table.rows.first?.settings.isEmpty == true && table.heldSettings <= 2 * TracerTable.settingsMax)
    try say([setting("n499", "code", 3 * 499 + 1)])
    #expect(table.rows.first?.settings.isEmpty == true)
    try say([setting("n499", "code", 3 * 499 + 3)])
    #expect(table.rows.first?.settings.map(\.name) == ["n499"])
  }

  @Test func `tells processes apart by ids that look like keys`() throws {
    let table = TracerTable()
    let ids = ["0123456789abcdef0123456789abcdef", "fedcba9876543210fedcba9876543210"]
    for id in ids { table.add(try Self.report("app-started", "{}", runtime: id), nowNs: 1) }
    #expect(table.rows.map(\.runtimeID).sorted() == ids)
    table.add(try Self.report("app-started", "{}", runtime: "password=hunter2"), nowNs: 1)
    #expect(table.rows.allSatisfy { !$0.runtimeID.contains("hunter2") })
  }

  @Test func `is heard of with each heartbeat, which makes no tracer known`() throws {
    let table = TracerTable()
    table.add(try Self.report("app-heartbeat", "{}"), nowNs: 1)
    #expect(table.rows.isEmpty)
    table.add(try Self.report("app-started", Self.started), nowNs: 2)
    table.add(try Self.report("app-heartbeat", "{}"), nowNs: 9)
    let row = try #require(table.rows.first)
    #expect(row.firstSeenNs == 2 && row.lastSeenNs == 9 && !row.settings.isEmpty && row.service == "shop")
  }

  @Test func `is bounded in tracers, and in what is kept of each`() throws {
    let table = TracerTable()
    table.add(try Self.report("app-started", "{}", runtime: "first"), nowNs: 0)
    table.add(try Self.report("app-closing", "{}", runtime: "closed"), nowNs: 1_000)
    for number in 2...TracerTable.tracersMax {
      table.add(try Self.report("app-started", "{}", runtime: "r\(number)"), nowNs: Int64(number))
    }
    var ids = table.rows.map(\.runtimeID)
    #expect(ids.count == TracerTable.tracersMax && !ids.contains("closed") && ids.contains("first"))
    table.add(try Self.report("app-started", "{}", runtime: "another"), nowNs: 99)
    ids = table.rows.map(\.runtimeID)
    #expect(ids.count == TracerTable.tracersMax && !ids.contains("first") && ids.first == "another")

    let settings = (0..<500).map { #"{"name":"DD_X\#($0)","value":"v","origin":"env_var"}"# }.joined(separator: ",")
    let libraries = (0..<500).map { #"{"name":"l\#($0)","enabled":true}"# }.joined(separator: ",")
    let long = String(repeating: "word ", count: 1_000)
    table.add(
      try Self.report(
        "app-started",
        #"{"configuration":[\#(settings)],"integrations":[\#(libraries)],"error":{"message":"\#(long)"}}"#,
        runtime: "large"), nowNs: 100)
    let row = try #require(table.rows.first)
    #expect(row.settings.count == TracerTable.settingsMax && row.integrations.count == TracerTable.integrationsMax)
    #expect(row.messages.allSatisfy { $0.message.count < 300 })
  }

  @Test(arguments: [
    "{}", "[]", #"{"request_type":"app-started"}"#, #"{"request_type":"app-started","application":{}}"#,
  ])
  func `that is no report of a tracer says nothing`(_ text: String) throws {
    #expect(TelemetryReport(try JSONValue.parse(text)) == nil)
  }

  @Test func `is read on its way, whether or not it goes on`() throws {
    let agent = try AgentUnderTest()
    let body = Array(Self.envelope("app-started", Self.started).utf8)
    let path = "/telemetry/proxy/api/v2/apmtelemetry"
    // By its header it is not worth reading.
    _ = try agent.post(path, body, ["DD-Telemetry-Request-Type": "generate-metrics"])
    for bytes in [body, Array("{".utf8), [0xff, 0x00]] {
      #expect(try agent.post(path, bytes, ["DD-Telemetry-Request-Type": "app-started"]).status == 200)
    }
    #expect(eventually { agent.info.tracers.map(\.service) == ["shop"] })
    #expect(agent.info.products.map(\.discarded.requests) == [4])
  }
}
