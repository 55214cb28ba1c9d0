import Addresses
import Diagnosis

/// What came of trying a place.
struct ProbeResult: Equatable, Sendable {
  var outcome: ProbeEvidence.Outcome
  var errorName: String?
  var durationMs = 0.0
  var answer: HTTPAnswer?
  var spoken: String?

  init(_ outcome: ProbeEvidence.Outcome, errorName: String? = nil) {
    self.outcome = outcome
    self.errorName = errorName
  }

  /// Of a `connect` that failed.
  init(connectError number: CInt, at place: SocketAddress) {
    self.init(Self.outcome(number, place), errorName: SystemCalls.errorName(number))
  }

  /// Of a connection that is over or has had its time.
  init(received bytes: [UInt8], closedBy: Ending) {
    if let answer = HTTPAnswer(bytes) {
      self.init(.answered)
      self.answer = answer
      spoken = SpokenProtocol.name(of: answer)
    } else if !bytes.isEmpty {
      self.init(.notHTTP)
      spoken = SpokenProtocol.name(of: bytes)
    } else {
      switch closedBy {
      case .peer: self.init(.closedAtOnce)
      case .error(let number): self.init(.closedAtOnce, errorName: SystemCalls.errorName(number))
      case .deadline: self.init(.silent)
      }
    }
  }

  enum Ending {
    case peer
    case error(CInt)
    case deadline
  }
}
