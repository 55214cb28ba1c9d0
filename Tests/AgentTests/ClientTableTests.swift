import Configuration
import Control
import Testing

@testable import Agent
@testable import Receiver

@Suite struct ClientTableTests {
  private static func add(
    _ table: inout ClientTable, _ language: String, _ version: String = "1", _ endpoint: String = "v0.4",
    at nowNs: Int64 = 1
  ) {
    RequestHeaders.with([.metaLang: language, .metaTracerVersion: version]) {
      table.add(TrafficCounts(payloads: 1, traces: 2), from: ClientIdentity($0), endpoint: endpoint, nowNs: nowNs)
    }
  }

  @Test func `clients are told apart by language, version and endpoint`() {
    var table = ClientTable()
    for _ in 0..<2 {
      Self.add(&table, "python")
      Self.add(&table, "go")
      Self.add(&table, "python", "2")
      Self.add(&table, "python", "1", "v0.5")
    }
    Self.add(&table, "go", at: 9)
    let rows = table.clientRows()
    #expect(rows.map(\.language) == ["python", "go", "python", "python"])
    #expect(rows.map(\.received.payloads) == [2, 3, 2, 2] && rows.map(\.received.traces) == [4, 6, 4, 4])
    #expect(
      rows.map(\.tracerVersion) == ["1", "1", "2", "1"] && rows.map(\.endpoint) == ["v0.4", "v0.4", "v0.4", "v0.5"])
    #expect(rows[1].lastSeenNs == 9)
  }

  @Test func `a client without headers is one as well`() {
    var table = ClientTable()
    for _ in 0..<3 {
      RequestHeaders.with([:]) {
        table.add(TrafficCounts(payloads: 1), from: ClientIdentity($0), endpoint: "v0.4", nowNs: 1)
      }
    }
    #expect(table.clientRows().map(\.received.payloads) == [3] && table.clientRows()[0].language == "")
  }

  @Test func `long values are cut and still found again`() {
    var table = ClientTable()
    let long = String(repeating: "x ", count: 2_500)
    Self.add(&table, long)
    Self.add(&table, long)
    #expect(table.clientRows().count == 1 && table.clientRows()[0].language.utf8.count == 100)
  }

  @Test func `a secret across the cut is not shown`() {
    for before in 60..<110 {
      var table = ClientTable()
      Self.add(&table, String(repeating: "x", count: before) + " 0123456789abcdef0123456789abcdef")
      Self.add(&table, String(repeating: "x", count: before) + " http://user:hunter2@host")
      #expect(table.clientRows().allSatisfy { !$0.language.contains("0123") && !$0.language.contains("user") })
    }
  }

  @Test func `a flood of clients shares one row that carries nobody's name`() {
    var table = ClientTable()
    for number in 0..<1_000 { Self.add(&table, "lang\(number)") }
    Self.add(&table, "lang3")
    let rows = table.clientRows()
    #expect(rows.count == ClientTable.clientsMax)
    #expect(rows.reduce(0) { $0 + $1.received.payloads } == 1_001)
    #expect(rows[3].received.payloads == 2)
    #expect(rows.last?.language == "other clients")
    #expect(rows.last?.received.payloads == UInt64(1_000 - ClientTable.clientsMax + 1))
  }
}
