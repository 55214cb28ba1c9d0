import Addresses
import Platform
import Testing

@Suite struct `An address of the system` {
  @Test(arguments: ["127.0.0.1:8126", "0.0.0.0:0", "[::1]:65535", "[2001:db8::7]:80", "/run/apm.socket"])
  func `is written as it was read`(_ text: String) throws {
    let address = try #require(SocketAddress(text))
    let system = try #require(SystemAddress(address))
    #expect(system.address == address)
    #expect(try SystemAddress.resolve(address).map(\.address) == [address])
  }

  @Test(arguments: ["localhost", "127.0.0.1.example", "", "fe80::1%no-such-interface"])
  func `is none for a name`(_ host: String) {
    #expect(SystemAddress(.tcp(host: host, port: 1)) == nil)
  }

  @Test func `is looked up for a name`() throws {
    let found = try SystemAddress.resolve(.tcp(host: "localhost", port: 8126)).map(\.address)
    #expect(found.contains(.tcp(host: "127.0.0.1", port: 8126)) || found.contains(.tcp(host: "::1", port: 8126)))
  }

  @Test func `of a name that does not exist is an error in the resolver's words`() {
    #expect(throws: ResolutionFailure.self) { try SystemAddress.resolve(.tcp(host: "roost.invalid", port: 1)) }
    #expect(throws: ResolutionFailure.self) { try SystemAddress.resolve(.unix(path: "")) }
  }

  @Test func `of a bound socket has the port that was given for none`() throws {
    let descriptor = socket(AF_INET, SystemSockets.stream, 0)
    defer { close(descriptor) }
    let address = try #require(SystemAddress(.tcp(host: "127.0.0.1", port: 0)))
    #expect(address.withPointer { bind(descriptor, $0, $1) } == 0)
    guard case .tcp("127.0.0.1", let port)? = SystemAddress(boundTo: descriptor)?.address else {
      Issue.record("not bound")
      return
    }
    #expect(port > 0)
    #expect(SystemAddress(boundTo: -1) == nil)
  }
}
