@testable import Control

/// Always the samples.
struct FixedAnswers: ControlAnswering {
  func answer(_ query: ControlQuery) -> ControlAnswer {
    switch query {
    case .ping: .pong
    case .info: .info(Samples.info)
    case .observations: .observations(Samples.observations)
    case .services(let query):
      query == ServicesQuery(env: "prod") ? .services(Samples.services) : .refused("another question")
    case .resources, .series, .histogram, .traces, .trace, .diff: .refused("not kept")
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
