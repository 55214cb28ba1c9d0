import Testing

@testable import Configuration

@Suite struct `The address of the page` {
  @Test(
    arguments: [
      ("true", "127.0.0.1:8127"), ("on", "127.0.0.1:8127"), ("1", "127.0.0.1:8127"), ("9000", "127.0.0.1:9000"),
      ("box:9000", "box:9000"), ("0.0.0.0:80", "0.0.0.0:80"), ("[::1]:9000", "[::1]:9000"),
      ("127.0.0.1:0", "127.0.0.1:0"),
      ("false", nil), ("no", nil), ("0", nil),
    ] as [(String, String?)])
  func `is on, off, a port or a host with one`(text: String, address: String?) {
    #expect(load("local:\n  web: \"\(text)\"\n").value.page?.description == address)
    #expect(load(flags: ["--web": text]).value.page?.description == address)
  }

  @Test(arguments: ["box", "70000", "box:70000", ":9000", "http://box:9000", "/run/page.sock", "-1"])
  func `is refused when it is none`(text: String) {
    let loaded = load(environment: ["DD_LOCAL_WEB": text])
    #expect(!loaded.isUsable && loaded.value.page == nil)
  }

  @Test func `is there without being asked for in a run, unless it is turned off`() {
    #expect(ConfigurationLoader.load().value.page == nil)
    #expect(ConfigurationLoader.load(isForRun: true).value.page == .standard)
    #expect(ConfigurationLoader.load(environment: ["DD_LOCAL_WEB": "false"], isForRun: true).value.page == nil)
    #expect(ConfigurationLoader.load(environment: ["DD_LOCAL_WEB": "9000"], isForRun: true).value.page?.port == 9000)
  }
}
