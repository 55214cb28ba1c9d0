import Testing

@testable import Receiver

@Suite("Routing")
struct RoutingTests {
  private let table = RoutingTable([
    Endpoint("/v0.4/traces", "traces"), Endpoint("/evp_proxy/v1/", "evp1"), Endpoint("/evp_proxy/", "evp"),
    Endpoint("/info", "info"), Endpoint("/evp_proxy/v1/exact", "exact"),
  ])

  @Test(
    "a path goes to its exact row, else to the longest prefix",
    arguments: [
      ("/v0.4/traces", "traces"), ("/v0.4/traces/", nil), ("/v0.4/trace", nil), ("/info", "info"), ("/infos", nil),
      ("/", nil), ("", nil), ("/evp_proxy/", "evp"), ("/evp_proxy", nil), ("/evp_proxy/v2/x", "evp"),
      ("/evp_proxy/v1/x", "evp1"), ("/evp_proxy/v1/exact", "exact"), ("/evp_proxy/v1/exactly", "evp1"),
      ("/V0.4/traces", nil),
    ] as [(String, String?)])
  func finds(_ path: String, _ expected: String?) {
    #expect(Array(path.utf8).withUnsafeBytes { table.identifier(for: $0) } == expected)
  }

  @Test("an unknown path is answered 404, what a web page sent 403 whatever it is for")
  func refusals() throws {
    let tested = try ServerUnderTest()
    let client = try tested.connect()
    let refused = "cross-site request rejected"
    let rows: [(String, String, Int, String)] = [
      ("/nothing", "", 404, "404 page not found\n"),
      ("/nothing", "Origin: https://shop.example\r\n", 403, refused),
      ("/v0.4/traces", "Sec-Fetch-Site: cross-site\r\n", 403, refused),
      ("/v0.4/traces", "Sec-Fetch-Site: same-site\r\n", 403, refused),
      ("/v0.4/traces", "Sec-Fetch-Site: \r\n", 403, refused),
      ("/v0.4/traces", "sec-fetch-site: NONE\r\n", 200, "0"),
      ("/v0.4/traces", "Sec-Fetch-Site: same-origin\r\n", 200, "0"),
      ("/v0.4/traces", "Content-Type: text/plain\r\nOrigin: https://shop.example\r\n", 403, refused),
      ("/v0.4/traces", "Origin: null\r\n", 403, refused), ("/v0.4/traces", "Origin:\r\n", 403, refused),
      // A page whose name was made to resolve to this machine: `Host` here is `a`.
      ("/v0.4/traces", "Origin: http://a\r\nSec-Fetch-Site: same-origin\r\n", 403, refused),
      ("/info", "Sec-Fetch-Site: cross-site\r\n", 403, refused), ("/info", "Sec-Fetch-Site: none\r\n", 200, "0"),
      ("/proxy/a/b?c=d", "", 200, "0"),
    ]
    for (path, headers, status, body) in rows {
      client.post(path, [], headers: headers)
      let response = try client.response()
      #expect(response.status == status, "\(path) \(headers)")
      #expect(response.body == body)
    }
    #expect(tested.recorder.seen.map(\.path) == ["/v0.4/traces", "/v0.4/traces", "/info", "/proxy/a/b"])
  }
}
