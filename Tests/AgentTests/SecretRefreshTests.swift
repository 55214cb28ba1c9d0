import Configuration
import Platform
import Synchronization
import Testing

@testable import Agent

@Suite struct `Secrets that may have changed` {
  private let start = ContinuousClock.now

  private func refresh(
    every interval: Duration = .zero, afterFailure failure: Duration = .zero, hasSecrets: Bool = true
  ) -> SecretRefresh {
    var backend = SecretBackend()
    backend.refreshInterval = interval
    backend.keyFailureInterval = failure
    return SecretRefresh(backend, hasSecrets: hasSecrets, now: start, share: 0.5)
  }

  /// The seconds at which they are asked for, of a time.
  private func times(_ refresh: SecretRefresh, _ seconds: Range<Int>, refusedFrom: Int = .max) -> [Int] {
    var refresh = refresh
    return seconds.filter { second in
      refresh.isDue(start + .seconds(second)) { second >= refusedFrom }
    }
  }

  @Test func `are asked for at intervals, the first of which is a part of one`() {
    #expect(times(refresh(every: .seconds(100)), 0..<360) == [50, 150, 250, 350])
  }

  @Test func `are asked for when an intake refuses the key, and not again too soon`() {
    #expect(times(refresh(afterFailure: .seconds(60)), 0..<200, refusedFrom: 30) == [30, 90, 150])
    #expect(
      times(refresh(every: .seconds(100), afterFailure: .seconds(60)), 0..<160, refusedFrom: 40) == [40, 50, 110, 150])
  }

  @Test func `are never asked for where there are none, or nobody wants it`() {
    #expect(times(refresh(), 0..<1000, refusedFrom: 0).isEmpty)
    #expect(
      times(refresh(every: .seconds(1), afterFailure: .seconds(1), hasSecrets: false), 0..<100, refusedFrom: 0).isEmpty)
  }

  @Test func `are asked for without holding up the agent, and once more where somebody asked meanwhile`() {
    let reading = BackgroundReading()
    let mayEnd = Lock(false)
    let calls = CallCount()
    reading.begin {
      calls.add()
      while !mayEnd.withLock({ $0 }) { poll(nil, 0, 1) }
      return ConfigurationLoader.load(environment: ["DD_ENV": "new"])
    }
    reading.begin { ConfigurationLoader.load() }
    #expect(reading.take() == nil)
    mayEnd.withLock { $0 = true }
    var read: LoadedConfiguration?
    #expect(
      eventually {
        read = (try? reading.take()?.get()) ?? read
        return read != nil
      })
    #expect(read?.value.defaultEnv == "new" && calls.value == 2)
    #expect(reading.take() == nil)
    reading.begin { ConfigurationLoader.load(environment: ["DD_ENV": "third"]) }
    let third = try? reading.take(atMost: .seconds(20))?.get()
    #expect(third?.value.defaultEnv == "third")
  }
}

private final class CallCount: Sendable {
  private let count = Atomic<Int>(0)

  func add() { count.add(1, ordering: .relaxed) }

  var value: Int { count.load(ordering: .relaxed) }
}
