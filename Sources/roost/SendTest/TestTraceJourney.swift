import Addresses
import Configuration
import Control
import Platform
import Terminal

/// Sends a test trace and follows it through the agent, one stage after the other.
struct TestTraceJourney {
  /// `nil` for one that this user cannot query, or that is no roost.
  let agent: ControlClient?
  /// Why there is no agent to watch.
  let whyNotVisible: String
  let addresses: [SocketAddress]
  /// Called with each stage as soon as it is decided.
  let onStage: (SendTestResult.Stage) -> Void

  /// Statistics come in steps of 10 s and batches leave every 5 s; both fit with time to spare.
  static let patience = Duration.seconds(20)
  private static let pause: UInt32 = 100_000

  /// Stops at the first stage that fails. Throws when the agent that is watched ceases to answer.
  func travel(_ trace: TestTrace) throws(CommandFailure) -> SendTestResult {
    var result = SendTestResult(traceID: trace.traceID)
    guard let agent else {
      guard add(send(trace), to: &result) else { return result }
      let unseen = ["counted", "kept", "forwarded"]
      _ = add(unseen.map { .init($0, .skipped, "not visible to you: \(whyNotVisible)") }, to: &result)
      return result
    }
    let before = try agent.info()
    let hitsBefore = try testHits(agent)
    guard add(send(trace), to: &result) else { return result }
    guard add([try counted(agent, above: hitsBefore)], to: &result) else { return result }
    guard add([try kept(agent, since: before)], to: &result) else { return result }
    _ = add([try forwarded(agent, since: before)], to: &result)
    return result
  }

  /// False when a stage failed.
  private func add(_ stages: [SendTestResult.Stage], to result: inout SendTestResult) -> Bool {
    for stage in stages {
      onStage(stage)
      result.add(stage)
    }
    return result.isFine
  }

  private func send(_ trace: TestTrace) -> [SendTestResult.Stage] {
    var failures: [String] = []
    for address in addresses {
      do throws(ControlError) {
        let stream = try StreamSocket.connect(to: address, deadline: .now + .seconds(2))
        return [.init("connected", .passed, "\(address)"), deliver(trace, over: stream)]
      } catch {
        failures.append("\(address): \(Self.reason(error))")
      }
    }
    let why = failures.isEmpty ? "the configuration names no address to send to" : failures.joined(separator: "; ")
    return [.init("connected", .failed, why)]
  }

  private func deliver(_ trace: TestTrace, over stream: borrowing StreamSocket) -> SendTestResult.Stage {
    let headers = [
      ("Content-Type", "application/msgpack"), ("X-Datadog-Trace-Count", "1"),
      ("Datadog-Meta-Lang", TestTraffic.client),
      ("Datadog-Meta-Tracer-Version", BuildVersion.version),
    ]
    do {
      let response = try PlainHTTP.put(
        trace.body, path: "/v0.4/traces", headers: headers, over: stream, deadline: .now + .seconds(5))
      guard response.status == 200 else {
        return .init("accepted", .failed, "HTTP \(response.status): \(response.body.prefix(200))")
      }
      return .init("accepted", .passed, "HTTP 200, trace \(trace.traceID), 2 spans, v0.4")
    } catch {
      return .init("accepted", .failed, Self.reason(error))
    }
  }

  private func counted(
    _ agent: ControlClient, above before: UInt64
  ) throws(CommandFailure) -> SendTestResult.Stage {
    let isCounted = try wait { () throws(CommandFailure) in try testHits(agent) > before }
    return isCounted
      ? .init("counted", .passed, "see: roost resources \(TestTraffic.service)")
      : .init("counted", .failed, "the service \(TestTraffic.service) did not appear within \(Self.patienceText)")
  }

  private func kept(
    _ agent: ControlClient, since before: InfoAnswer
  ) throws(CommandFailure) -> SendTestResult.Stage {
    let isKept = try wait { () throws(CommandFailure) in try agent.info().kept.traces > before.kept.traces }
    return isKept
      ? .init("kept", .passed, "by sampling, as the trace asks (priority 2)")
      : .init("kept", .failed, "sampling kept no trace within \(Self.patienceText)")
  }

  private func forwarded(
    _ agent: ControlClient, since before: InfoAnswer
  ) throws(CommandFailure) -> SendTestResult.Stage {
    guard case .on(let url) = before.configuration.forwarding else {
      guard case .off(let reason) = before.configuration.forwarding else { return .init("forwarded", .skipped, "off") }
      return .init("forwarded", .skipped, reason.isEmpty ? "forwarding is off" : "forwarding is off: \(reason)")
    }
    let isSent = try wait { () throws(CommandFailure) in Self.sent(try agent.info()) > Self.sent(before) }
    if isSent { return .init("forwarded", .passed, "to \(url)") }
    let error = try agent.info().lastErrors.first.map { "; \($0.message)" } ?? ""
    return .init("forwarded", .failed, "\(url) took nothing within \(Self.patienceText)\(error)")
  }

  /// Traces that the first destination has taken, which is the one that is named; of an agent that does not tell them apart,
  /// those of all.
  private static func sent(_ info: InfoAnswer) -> UInt64 {
    info.destinations.first?.sent.traces ?? info.sent.traces.traces
  }

  private func testHits(_ agent: ControlClient) throws(CommandFailure) -> UInt64 {
    let rows = try agent.services(ServicesQuery(includesTests: true)).rows
    return rows.reduce(0) { $1.service == TestTraffic.service ? $0 + $1.hits : $0 }
  }

  private func wait(_ isThere: () throws(CommandFailure) -> Bool) throws(CommandFailure) -> Bool {
    let deadline = ContinuousClock.now + Self.patience
    while ContinuousClock.now < deadline {
      if try isThere() { return true }
      usleep(Self.pause)
    }
    return try isThere()
  }

  private static var patienceText: String { "\(patience.components.seconds) s" }

  /// Control errors speak of agents; here they are about the trace port.
  private static func reason(_ error: ControlError) -> String {
    switch error {
    case .noAgent: "connection refused"
    case .system(_, let detail), .notPermitted(_, let detail): detail
    default: error.description
    }
  }
}
