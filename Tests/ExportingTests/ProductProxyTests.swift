import Foundation
import Platform
import TestFixtures
import Testing

@testable import Exporting

/// What became of requests that a proxy was given, in the order of their endings.
private final class Endings: Sendable {
  private let all = Lock<[ProxyOutcome]>([])

  var outcomes: [ProxyOutcome] { all.withLock { $0 } }

  func add(_ outcome: ProxyOutcome) { all.withLock { $0.append(outcome) } }

  /// Waits until so many have come.
  func wait(_ count: Int) -> Bool { eventually { all.withLock { $0.count } >= count } }
}

private func eventually(_ condition: () -> Bool) -> Bool {
  for _ in 0..<20_000 {
    if condition() { return true }
    var nothing = pollfd(fd: -1, events: 0, revents: 0)
    poll(&nothing, 1, 1)
  }
  return false
}

@Suite struct `A proxy for products` {
  private static func proxy() -> ProductProxy { ProductProxy(transport: TransportSettings()) }

  private static func status(_ outcome: ProxyOutcome?) -> Int? {
    guard case .answered(let answer) = outcome else { return nil }
    return answer.status
  }

  @Test func `passes a request on as it is, and the answer back`() throws {
    let intake = try FaultyIntake([.status(418, headers: ["Content-Type: a/b", "X-Seen:  yes "], bodyBytes: 5)])
    let proxy = Self.proxy()
    let endings = Endings()
    proxy.send(
      ProxyRequest(
        method: "PUT", url: intake.url + "/a/../b?c=d", headers: [HTTPHeader("X-Own", "1"), HTTPHeader("Empty", "")],
        body: Array(repeating: 7, count: 200_000)), endings.add)
    try #require(endings.wait(1))
    let request = try #require(intake.requests.first)
    #expect(request.line == "PUT /a/../b?c=d HTTP/1.1")
    #expect(request.body == [UInt8](repeating: 7, count: 200_000))
    #expect(request.headers["x-own"] == "1" && request.headers["content-length"] == "200000")
    for name in ["expect", "accept", "content-type", "user-agent", "empty", "transfer-encoding"] {
      #expect(request.headers[name] == nil, "\(name)")
    }
    guard case .answered(let answer) = endings.outcomes.first else { return #expect(Bool(false)) }
    #expect(answer.status == 418 && answer.body == Array("aaaaa".utf8))
    #expect(answer.headers.contains(ProxyAnswer.Field(name: "X-Seen", value: "yes")))
    #expect(answer.headers.contains(ProxyAnswer.Field(name: "Content-Type", value: "a/b")))
  }

  @Test func `says by itself where a request ends, and makes no other header of one whose name is none`() throws {
    let intake = try FaultyIntake()
    let proxy = Self.proxy()
    let endings = Endings()
    let odd = [
      "Content-Length!", "Host~", "Transfer-Encoding!", "content-length", "Host", "Transfer-Encoding", "X-A\r\nX-B", "",
    ]
    proxy.send(
      ProxyRequest(url: intake.url + "/x", headers: odd.map { HTTPHeader($0, "1") }, body: [1, 2, 3]), endings.add)
    try #require(endings.wait(1))
    let request = try #require(intake.requests.first)
    #expect(Set(request.headers.keys) == ["host", "content-length"] && request.headers["content-length"] == "3")
    #expect(request.headers["host"] == "127.0.0.1:\(intake.port)" && request.body == [1, 2, 3])
  }

  @Test(arguments: ["GET", "DELETE", "POST", "OPTIONS"])
  func `passes on a request without a body by its method`(method: String) throws {
    let intake = try FaultyIntake()
    let proxy = Self.proxy()
    let endings = Endings()
    proxy.send(ProxyRequest(method: method, url: intake.url + "/x"), endings.add)
    try #require(endings.wait(1))
    #expect(intake.requests.first?.line == "\(method) /x HTTP/1.1" && Self.status(endings.outcomes[0]) == 200)
  }

  static let scripts: [(script: [FaultyIntake.Answer], attemptsMax: Int, status: Int?, requests: Int)] = [
    ([.status(503), .status(502)], 3, 200, 3), ([.status(503), .status(503), .status(504)], 3, 504, 3),
    ([.status(503)], 1, 503, 1), ([.status(500)], 3, 500, 1), ([.status(400)], 3, 400, 1), ([.reset], 3, 200, 2),
    ([.reset], 1, nil, 1),
  ]

  @Test(arguments: scripts.indices)
  func `tries again what may succeed, as often as is wanted`(_ index: Int) throws {
    let (script, attemptsMax, status, requests) = Self.scripts[index]
    let intake = try FaultyIntake(script)
    let proxy = Self.proxy()
    let endings = Endings()
    proxy.send(ProxyRequest(url: intake.url + "/x", body: [1], attemptsMax: attemptsMax), endings.add)
    try #require(endings.wait(1))
    #expect(Self.status(endings.outcomes[0]) == status && intake.requests.count == requests)
    #expect(intake.requests.allSatisfy { $0.body == [1] })
    if status == nil, case .unreachable(let reason) = endings.outcomes[0] { #expect(!reason.isEmpty) }
  }

  @Test func `gives up in time, also while it waits for another attempt`() throws {
    let intake = try FaultyIntake([.stall])
    let proxy = Self.proxy()
    let endings = Endings()
    proxy.send(ProxyRequest(url: intake.url + "/x", timeout: .milliseconds(50), attemptsMax: 3), endings.add)
    try #require(endings.wait(1))
    #expect(endings.outcomes == [.timedOut])
    intake.release()
    let busy = try FaultyIntake([.status(503)], then: .stall)
    // The pause before the second attempt is 100 ms.
    proxy.send(ProxyRequest(url: busy.url + "/x", timeout: .seconds(1), attemptsMax: 100), endings.add)
    try #require(endings.wait(2))
    #expect(Self.status(endings.outcomes[1]) == 503)
    busy.release()
  }

  @Test func `says that nobody is there, without the password in the address`() throws {
    let proxy = Self.proxy()
    let endings = Endings()
    let port = try FaultyIntake.refusedPort()
    proxy.send(ProxyRequest(url: "http://u:hunter2@127.0.0.1:\(port)/x"), endings.add)
    try #require(endings.wait(1))
    guard case .unreachable(let reason) = endings.outcomes[0] else { return #expect(Bool(false)) }
    #expect(reason.contains("connect") && !reason.contains("hunter2"))
  }

  @Test func `breaks off an answer that is too large, and one with too long a head`() throws {
    let intake = try FaultyIntake([
      .status(200, bodyBytes: ProxyTransfer.answerBytesMax + 1),
      .status(200, headers: (0..<5).map { "X-\($0): " + String(repeating: "a", count: 9_000) }),
    ])
    let proxy = Self.proxy()
    let endings = Endings()
    for _ in 0..<2 { proxy.send(ProxyRequest(url: intake.url + "/x", timeout: .seconds(20)), endings.add) }
    try #require(endings.wait(2))
    #expect(endings.outcomes == [.answerTooLarge, .answerTooLarge])
  }

  @Test func `has a thread only from the first request on, and answers all before it ends`() throws {
    let intake = try FaultyIntake([.stall, .stall])
    let proxy = Self.proxy()
    #expect(!proxy.isRunning)
    let endings = Endings()
    for _ in 0..<2 { proxy.send(ProxyRequest(url: intake.url + "/x"), endings.add) }
    #expect(proxy.isRunning && intake.waitForArrivals(2))
    intake.release()
    proxy.stop(deadline: .now + .seconds(20))
    #expect(endings.outcomes.count == 2 && endings.outcomes.allSatisfy { Self.status($0) == 200 })
    proxy.send(ProxyRequest(url: intake.url + "/x"), endings.add)
    #expect(endings.outcomes.last == .stopped && !proxy.isRunning)
  }

  @Test func `tells of requests that it could not end`() throws {
    let intake = try FaultyIntake([.stall])
    let endings = Endings()
    do {
      let proxy = Self.proxy()
      proxy.send(ProxyRequest(url: intake.url + "/x", timeout: .seconds(20)), endings.add)
      #expect(intake.waitForArrivals(1))
      proxy.stop(deadline: .now)
    }
    try #require(endings.wait(1))
    #expect(endings.outcomes == [.stopped])
    intake.release()
  }

  @Test func `sends one place so many requests at a time, and the others when those are answered`() throws {
    let most = ProxyLoop.requestsAtOnceMax
    let intake = try FaultyIntake([], then: .stall)
    let other = try FaultyIntake()
    let (endings, otherEndings) = (Endings(), Endings())
    let proxy = Self.proxy()
    for _ in 0..<most { proxy.send(ProxyRequest(url: intake.url + "/x", timeout: .seconds(20)), endings.add) }
    #expect(intake.waitForArrivals(most))
    proxy.send(ProxyRequest(url: intake.url + "/x?late", timeout: .milliseconds(50)), endings.add)
    // A wait that is over is a time-out, wherever it was.
    try #require(endings.wait(1))
    #expect(endings.outcomes == [.timedOut])
    for _ in 0..<most { proxy.send(ProxyRequest(url: intake.url + "/y", timeout: .seconds(20)), endings.add) }
    proxy.send(ProxyRequest(url: other.url + "/x"), otherEndings.add)
    try #require(otherEndings.wait(1))
    #expect(Self.status(otherEndings.outcomes[0]) == 200 && endings.outcomes.count == 1)
    intake.release()
    try #require(endings.wait(2 * most + 1))
    #expect(endings.outcomes.dropFirst().allSatisfy { Self.status($0) == 200 })
    #expect(intake.requests.count == 2 * most && !intake.requests.contains { $0.line.contains("late") })
  }

  @Test func `begins to stop without waiting for anybody`() throws {
    let intake = try FaultyIntake([.stall])
    let endings = Endings()
    let proxy = Self.proxy()
    proxy.send(ProxyRequest(url: intake.url + "/x", timeout: .seconds(20)), endings.add)
    #expect(intake.waitForArrivals(1))
    proxy.beginStop(deadline: .now + .seconds(20))
    #expect(endings.outcomes.isEmpty)
    proxy.send(ProxyRequest(url: intake.url + "/x"), endings.add)
    #expect(endings.outcomes == [.stopped])
    intake.release()
    try #require(endings.wait(2))
    #expect(Self.status(endings.outcomes[1]) == 200 && proxy.stop(deadline: .now + .seconds(20)))
  }

  @Test func `does not wait for a thread that is held`() throws {
    let intake = try FaultyIntake()
    let (held, isFree) = (DispatchSemaphore(value: 0), DispatchSemaphore(value: 0))
    let proxy = Self.proxy()
    proxy.send(ProxyRequest(url: intake.url + "/x")) { _ in
      held.signal()
      isFree.wait()
    }
    held.wait()
    #expect(!proxy.stop(deadline: .now))
    isFree.signal()
  }

  @Test func `may lose its last owner on its own thread`() throws {
    let intake = try FaultyIntake()
    let endings = Endings()
    do {
      let proxy = Self.proxy()
      proxy.send(ProxyRequest(url: intake.url + "/x")) { outcome in
        endings.add(outcome)
        _ = proxy
      }
    }
    #expect(endings.wait(1))
  }

  @Test func `shows no key and no address of a request`() {
    let request = ProxyRequest(
      url: "http://u:hunter2@intake/x", headers: [HTTPHeader("DD-API-KEY", "0123456789abcdef")], body: [1, 2])
    var text = "\(request) \(String(reflecting: request))"
    dump(request, to: &text)
    #expect(!text.contains("hunter2") && !text.contains("0123456789abcdef") && text.contains("POST with 2 bytes"))
  }

  @Test func `doubles the pause between attempts, within the time that is left`() {
    let failed = ProxyOutcome.unreachable("x")
    func pause(_ attempts: Int, _ timeLeft: Duration = .seconds(60)) -> Duration? {
      ProxyRetry.pause(after: failed, attempts: attempts, attemptsMax: 9, timeLeft: timeLeft)
    }
    #expect((1...7).map { pause($0) } == [100, 200, 400, 800, 1_600, 2_000, 2_000].map { .milliseconds($0) })
    #expect(pause(2, .milliseconds(200)) == nil && pause(9) == nil)
    for outcome in [ProxyOutcome.timedOut, .answerTooLarge, .stopped, .impossible("x")] {
      #expect(ProxyRetry.pause(after: outcome, attempts: 1, attemptsMax: 9, timeLeft: .seconds(9)) == nil)
    }
  }
}
