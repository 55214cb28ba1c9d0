import Platform
import TestCalls

@testable import Receiver

/// A client of HTTP/2 on a plain socket, which can also do what no library would.
final class CallClient {
  static let path = "/v0.4/traces"

  let client: Client
  let answers = ServerFrames()
  private var stream: UInt32 = 1

  /// Connects, and begins as a client does.
  init(_ client: Client, opening: [UInt8] = ClientFrame.opening) {
    self.client = client
    client.send(opening)
  }

  convenience init(_ tested: ServerUnderTest, opening: [UInt8] = ClientFrame.opening) throws {
    self.init(try tested.connect(), opening: opening)
  }

  /// Makes a call, and waits for its end.
  func call(_ bytes: [UInt8], path: String = path, _ changes: [(String, String)] = []) throws -> ServerFrames.Stream {
    defer { stream += 2 }
    client.send(ClientFrame.call(stream, path, bytes, changes))
    return try answer(to: stream)
  }

  /// Waits for the end of a call.
  func answer(to stream: UInt32) throws -> ServerFrames.Stream {
    try read { answers[stream].isEnded || answers[stream].resetCode != nil }
    return answers[stream]
  }

  /// Reads until something has come.
  func read(until hasCome: () -> Bool) throws {
    while !hasCome() { answers.take(try client.someBytes()) }
  }

  /// Reads until the server closes the connection. True for an orderly end, false for a reset.
  func readToEnd() -> Bool {
    while true {
      do { answers.take(try client.someBytes()) } catch { return (error as? Client.Broken)?.what == "closed" }
    }
  }
}
