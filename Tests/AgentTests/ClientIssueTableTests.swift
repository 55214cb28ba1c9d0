import Control
import Testing

@testable import Agent

@Suite struct `The table of clientIssues` {
  @Test func `adds up what has the same kind, detail and client, and tells others apart`() {
    var table = ClientIssueTable()
    for now in [1, 3, 2] as [Int64] { table.add(.notFound, "/v9", client: "go 2.1", atNs: now) }
    table.add(.notFound, "/v9", client: "go 2.2", atNs: 4)
    table.add(.notFound, "/v8", client: "go 2.1", atNs: 5)
    table.add(.notOffered, "/v9", client: "go 2.1", atNs: 6)
    #expect(table.rows.map(\.count) == [3, 1, 1, 1])
    #expect(table.rows[0].lastSeenNs == 3)
  }

  @Test func `keeps the largest, the newest or the sum of the amounts, also when tables are joined`() {
    var one = ClientIssueTable()
    var other = ClientIssueTable()
    one.add(.tooLarge, amount: 30, atNs: 1)
    one.add(.tooLarge, amount: 20, atNs: 2)
    one.add(.clockSkew, amount: -70, .newest, atNs: 5)
    one.add(.traceCountMismatch, amount: 2, .sum, atNs: 1)
    other.add(.clockSkew, amount: -90, .newest, atNs: 4)
    other.add(.tooLarge, amount: 25, atNs: 9)
    other.add(.traceCountMismatch, amount: -3, .sum, atNs: 1)
    one.add(other)
    #expect(one.rows.map(\.amount) == [30, -70, -1])
    #expect(one.rows.map(\.count) == [3, 2, 2])
  }

  @Test func `never grows past its limit, and goes on counting every case`() {
    var table = ClientIssueTable()
    for number in 0..<1_000 {
      for kind in ClientIssueKind.allCases { table.add(kind, "/\(number)", client: "client", atNs: 1) }
    }
    #expect(table.rows.count <= ClientIssueTable.rowsMax)
    #expect(table.rows.reduce(0) { $0 + $1.count } == 1_000 * UInt64(ClientIssueKind.allCases.count))
    for kind in ClientIssueKind.allCases {
      #expect(table.rows.contains { $0.kind == kind.rawValue && $0.detail.isEmpty && $0.client.isEmpty })
    }
  }

  @Test func `leaves room for other kinds when one is a flood`() {
    var table = ClientIssueTable()
    for number in 0..<10_000 { table.add(.notFound, "/\(number)", atNs: 1) }
    table.add(.tlsHello, "10.0.0.7", atNs: 1)
    #expect(table.rows.last?.detail == "10.0.0.7")
    #expect(table.rows.count == ClientIssueTable.rowsOfAKindMax + 2)
  }

  @Test func `past its limit a hit is counted without what it was about`() {
    var table = ClientIssueTable()
    for number in 0..<ClientIssueTable.rowsOfAKindMax { table.add(.notFound, "/\(number)?key=a", client: "c", atNs: 1) }
    // Known ones still find their rows; others are not read, though this one would be the same without its secret.
    table.add(.notFound, "/3?key=a", client: "c", atNs: 2)
    table.add(.notFound, "/3?key=b", client: "c", atNs: 2)
    table.add(.notFound, "/new", client: "c", atNs: 2)
    #expect(table.rows.count == ClientIssueTable.rowsOfAKindMax + 1)
    #expect(table.rows[3].count == 2 && table.rows[3].detail == "/3?key=…")
    #expect(table.rows.last?.count == 2 && table.rows.last?.detail == "" && table.rows.last?.client == "")
  }

  @Test func `shortens a detail that is too long`() {
    var table = ClientIssueTable()
    table.add(.notFound, String(repeating: "ä", count: 5_000), atNs: 1)
    #expect(table.rows[0].detail.utf8.count <= ClientIssueTable.detailBytesMax + 3)
  }

  @Test(
    arguments: [
      ("/nope/traces/u:hunter2secret@x/api_key=hunter2secret", "python 4.16.0"),
      ("Via: 1.1 u:hunter2secret@squid", ""), ("/v9", "curl/8 (token=hunter2secret)"),
      ("/" + String(repeating: "a", count: 190) + "?api_key=hunter2secret", ""),
      (
        "/v9?u=http://u:" + String(repeating: "hunter2secret", count: 20) + "@x",
        "x " + String(repeating: "y", count: 50) + " u:hunter2secret@x"
      ),
    ])
  func `keeps no secret, and counts what differs by nothing but a secret in one row`(_ detail: String, _ client: String)
  {
    var table = ClientIssueTable()
    for secret in ["hunter2secret", "hunter2secret", "hunter2secreT"] {
      table.add(
        .notFound, detail.replacing("hunter2secret", with: secret),
        client: client.replacing("hunter2secret", with: secret),
        atNs: 1)
    }
    #expect(table.rows.map(\.count) == [3])
    #expect(table.rows.allSatisfy { !($0.detail + $0.client).contains("hunter2") })
    var joined = ClientIssueTable()
    joined.add(table)
    joined.add(table)
    #expect(joined.rows.map(\.count) == [6])
    // Put in order and added to again, a table still tells its rows apart.
    var sorted = table.sorted()
    sorted.add(.notFound, detail, client: client, atNs: 2)
    sorted.add(.tlsHello, atNs: 2)
    #expect(sorted.rows.map(\.count) == [4, 1])
  }

  @Test func `is shown by kind, the most frequent first`() {
    var table = ClientIssueTable()
    table.add(.rootlessTrace, "shop", atNs: 1)
    table.add(.notFound, "/a", atNs: 1)
    for _ in 0..<2 { table.add(.notFound, "/b", atNs: 1) }
    table.add(.tlsHello, atNs: 1)
    #expect(table.sorted().rows.map(\.detail) == ["", "/b", "/a", "shop"])
  }
}
