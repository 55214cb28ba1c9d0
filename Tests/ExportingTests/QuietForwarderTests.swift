import Exporting
import Platform
import Testing

@Suite struct `A quiet forwarder` {
  @Test func `sends as before when the resident pages of libcurl have been given back`() throws {
    let intake = try FaultyIntake()
    let log = OutcomeLog()
    let forwarder = try makeForwarder(to: [intake.url], log: log)
    MappedFiles.releaseCleanPages()
    forwarder.enqueue(tracesPayload(1))
    #expect(log.waitForFinals(1))
    #expect(forwarder.counters.attempts == 1)
    MappedFiles.releaseCleanPages()
    forwarder.enqueue(tracesPayload(2))
    forwarder.stop(deadline: .later)
    #expect(log.finals == [.delivered(status: 200), .delivered(status: 200)])
    #expect(forwarder.counters.attempts == 2)
  }
}
