import Testing

@testable import Configuration

@Suite struct SecretTests {
  private let key = "0123456789abcdef0123456789abcdef"

  @Test(arguments: [
    " 0123456789abcdef0123456789abcdef\n", "\"0123456789abcdef0123456789abcdef\"",
    "'0123456789abcdef0123456789abcdef'",
  ])
  func `white space and quotes around a key are stripped`(text: String) {
    #expect(load(environment: ["DD_API_KEY": text]).value.apiKey?.secret == key)
  }

  @Test(arguments: ["", " ", "\"\"", "''"])
  func `an empty key is no key`(text: String) {
    #expect(load(environment: ["DD_API_KEY": text]).value.apiKey == nil)
  }

  @Test func `no way of printing a configuration shows a key or password`() {
    let loaded = load(
      "api_key: \(key)\nproxy: {http: 'http://me:hunter2@p', https: 'https://me:hunter2@p:1/'}\n"
        + "apm_config: {apm_dd_url: 'https://me:hunter2@intake'}")
    #expect(messages(loaded) == [])
    #expect(loaded.value.apiKey?.secret == key)
    #expect(loaded.value.proxy.http?.text == "http://me:hunter2@p")
    var dumped = ""
    dump(loaded, to: &dumped)
    let texts =
      ["\(loaded)", "\(loaded.value)", String(describing: loaded.value), String(reflecting: loaded.value), dumped]
      + OptionTable.options.map { $0.slot.text(in: loaded.value) }
    for text in texts { #expect(!text.contains("hunter2") && !text.contains(key.prefix(20))) }
    #expect("\(loaded.value)".contains("…cdef"))
  }

  @Test func `a short key is not shown at all`() {
    #expect(APIKey("abcdef").map { "\($0)" } == "…")
  }

  @Test(arguments: ["proxy: {http: 'gopher://me:hunter2@p'}", "apm_config: {apm_dd_url: 'http://me:hunter2@p:x'}"])
  func `a bad address is refused without repeating it`(yaml: String) {
    let problems = messages(load(yaml))
    #expect(problems.count == 1 && !problems.joined().contains("hunter2"))
  }

  @Test(
    arguments: [
      ("http://a", "a", nil, false), ("HTTPS://A.b:8080/p/", "A.b", 8080, true),
      ("http://u:p@[::1]:1", "::1", 1, false),
      ("http://u@x:p@host", "host", nil, false),
    ] as [(String, String, Int?, Bool)])
  func `an address is taken apart`(text: String, host: String, port: Int?, isSecure: Bool) throws {
    let url = try HTTPURL(text)
    #expect(url.host == host && url.port == port && url.isSecure == isSecure)
  }

  @Test(arguments: [
    "", "http:/a", "http://a b", "http://a:0", "http://[::1", "http://a?b", "http://a#b", "http://:1", "http://ä",
  ])
  func `text that is no address is refused`(text: String) {
    #expect(throws: BadValue.self) { try HTTPURL(text) }
  }
}
