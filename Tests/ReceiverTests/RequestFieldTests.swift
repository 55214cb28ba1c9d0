import Addresses
import Testing

@testable import Receiver

@Suite struct `What a request brought` {
  @Test func `is looked up whole when it is asked for`() throws {
    let server = try HTTPServer(
      configuration: ReceiverConfiguration(tcp: [.tcp(host: "127.0.0.1", port: 0)]), note: { _ in },
      handler: { request in
        let headers = request.allHeaders().map { "\($0.name)=\($0.value)" }.joined(separator: ";")
        let arguments = request.arguments().map { "\($0.name)=\($0.value)" }.joined(separator: ";")
        return .now(Answer(status: 200, text: "\(headers)|\(arguments)|\(request.method.text ?? "-")"))
      }, rejected: { _ in })
    defer { server.stop(deadline: .seconds(2)) }
    let client = try Client(try #require(server.listeners.first))
    client.send(
      "POST /p?a=b%20c&d&e=f+g&a=%c3%a9 HTTP/1.1\r\nHost: x\r\nX-One:  1 \r\nx-two: b\r\nX-One: 3\r\n"
        + "Content-Length: 2\r\n\r\nhi")
    #expect(
      try client.response().body
        == "Host=x;X-One=1;x-two=b;X-One=3;Content-Length=2|a=b c;d=;e=f g;a=é|POST")
    client.send("PATCH / HTTP/1.1\r\nHost: x\r\n\r\n")
    #expect(try client.response().body == "Host=x||-")
  }
}
