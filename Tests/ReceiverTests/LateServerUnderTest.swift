import Platform

@testable import Receiver

/// A server whose `/late` requests wait until the test completes their tickets, and that answers others at once.
struct LateServerUnderTest {
  let server: HTTPServer
  let port: UInt16
  /// Those that wait, in the order of their requests.
  let tickets = Tickets()
  let events = Recorder()

  static let lateMark = AnswerMarks(rawValue: 4)

  /// Holds tickets for the test.
  final class Tickets: Sendable {
    private let waiting = Lock([AnswerTicket]())

    var count: Int { waiting.withLock { $0.count } }

    func add(_ ticket: AnswerTicket) { waiting.withLock { $0.append(ticket) } }

    /// The one that waits for longest; `nil` when none comes.
    func next() -> AnswerTicket? {
      guard eventually({ count > 0 }) else { return nil }
      return waiting.withLock { $0.isEmpty ? nil : $0.removeFirst() }
    }

    func releaseAll() {
      let released = waiting.withLock { waiting in
        defer { waiting = [] }
        return waiting
      }
      _ = released
    }
  }

  /// - Parameter begin: in place of keeping the ticket; gets the request's body.
  init(
    _ change: (inout ReceiverConfiguration) -> Void = { _ in },
    begin: (@Sendable (AnswerTicket, [UInt8]) -> Void)? = nil
  ) throws {
    let (tickets, events) = (self.tickets, self.events)
    server = try HTTPServer(
      configuration: ServerUnderTest.configuration(change),
      handler: { request in
        guard request.path.elementsEqual("/late".utf8) else {
          return .now(Answer(status: 200, text: "\(request.body.count)"))
        }
        let body = Array(request.body)
        return request.answerLater { ticket in
          if let begin { begin(ticket, body) } else { tickets.add(ticket) }
        }
      },
      event: { events.add($0) })
    guard case .tcp(_, let port)? = server.listeners.first else { throw Client.Broken(what: "no listener") }
    self.port = port
  }

  func connect() throws -> Client { try Client(port: port) }

  var late: LateAnswerCounters { server.connectionCounters.lateAnswers }

  /// An answer as it comes from elsewhere.
  static func answer(_ text: String) -> Answer {
    var answer = Answer(status: 202, text: text)
    answer.marks = lateMark
    return answer
  }
}
