import Platform
import Synchronization

@testable import Control

/// Searches go on until they are let go; everything else is answered at once.
final class SlowSearches: ControlAnswering {
  let began: WakePipe
  let mayEnd: WakePipe

  init() throws { (began, mayEnd) = (try WakePipe(), try WakePipe()) }

  /// Searches that have begun so far.
  var count: Int { searches.load(ordering: .relaxed) }
  private let searches = Atomic<Int>(0)

  func answer(_ query: ControlQuery) -> ControlAnswer {
    guard case .traces = query else { return .pong }
    searches.add(1, ordering: .relaxed)
    began.wake()
    _ = mayEnd.waitUntilWoken(atMost: .seconds(60))
    return .refused("searched")
  }
}

/// Has traces and no memory for them.
struct NoMemory: ControlAnswering {
  /// What all but lists of traces do; `nil` for what they do in an agent that is an hour old.
  var mayTakeLong: Bool?

  func answer(_ query: ControlQuery) -> ControlAnswer { .pong }
  func claim(bytes: Int) -> AnswerClaim? { nil }
  func mayTakeLong(_ query: ControlQuery) -> Bool { mayTakeLong ?? query.mayTakeLong() }
}

/// Always the samples.
struct FixedAnswers: ControlAnswering {
  func answer(_ query: ControlQuery) -> ControlAnswer {
    switch query {
    case .ping: .pong
    case .info: .info(Samples.info)
    case .observations: .observations(Samples.observations)
    case .services(let query):
      query == ServicesQuery(env: "prod") ? .services(Samples.services) : .refused("another question")
    case .resources, .series, .histogram, .traces, .trace, .diff, .badPayload: .refused("not kept")
    }
  }
}

/// An answer that is over the limit.
struct HugeAnswers: ControlAnswering {
  func answer(_ query: ControlQuery) -> ControlAnswer {
    var info = Samples.info
    info.hostname = String(repeating: "x", count: ControlProtocol.answerBytesMax)
    return .info(info)
  }
}
