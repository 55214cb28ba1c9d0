import JSON
import Receiver
import Sampling

/// The answers that carry the sampling rates, made once for each change of the rates.
struct RatesAnswers: Sendable {
  let rates: PublishedRates
  private let plain: Answer
  private let versioned: Answer
  private let unchanged: Answer

  init(_ rates: PublishedRates, headers: [AnswerHeader]) {
    self.rates = rates
    let document = JSONValue.object([("rate_by_service", JSONValue.sorted(rates.rates, Self.number))])
    let body = Array(document.compactText.utf8)
    plain = Self.answer(body, headers)
    let withVersion = headers + [AnswerHeader("Datadog-Rates-Payload-Version", rates.version)]
    versioned = rates.version.isEmpty ? plain : Self.answer(body, withVersion)
    unchanged = rates.version.isEmpty ? plain : Self.answer(Array("{}".utf8), withVersion)
  }

  /// The answer for a client: one that names the version of the rates it has gets the version back, and the rates only
  /// when they changed.
  func answer(clientVersion: UnsafeRawBufferPointer?) -> Answer {
    guard let clientVersion, clientVersion.count > 0 else { return plain }
    return clientVersion.elementsEqual(rates.version.utf8) ? unchanged : versioned
  }

  private static func answer(_ body: [UInt8], _ headers: [AnswerHeader]) -> Answer {
    Answer(status: 200, body: PreparedBody(body, contentType: "application/json", headers: headers))
  }

  /// Whole rates without a fraction, as the Datadog agent writes them.
  private static func number(_ rate: Double) -> JSONValue {
    rate == rate.rounded() ? .int(Int64(rate)) : .double(rate)
  }
}
