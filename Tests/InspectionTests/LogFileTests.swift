import TestFixtures
import Testing

@testable import Inspection

@Suite("A log file")
struct LogFileTests {
  @Test("A file and its absence")
  func file() throws {
    let path = Fixtures.folder.appending(path: "doctor/log-python-2017.txt").path
    let reading = try LogFile.read(path)
    #expect(reading.lines.first?.pattern == "python.cannot_send_services")
    #expect(!reading.isCut)
    let missing = LogFile.Failure(path: "/nonexistent/log", code: 2, reason: "No such file or directory")
    #expect(throws: missing) { try LogFile.read("/nonexistent/log") }
  }
}
