import Compression
import Configuration
import Platform
import Receiver
import Sampling
import Synchronization

/// The answers that are the same for all receiving threads, made once.
struct AnswerParts: Sendable {
  /// On every answer to a whole request.
  let headers: [AnswerHeader]
  /// Whether all clients get 429 over the memory limit, and not only those that ask for it.
  let answersRealStatus: Bool
  let ok: Answer
  let empty: Answer
  let info: Answer
  let about: Answer
  /// Kept for each request that waits for the disk, and sent to few.
  let notDurable: Answer
  let otlp: OTLPAnswers

  init(info: InfoDocument, version: String, answersRealStatus: Bool) {
    let headers = [
      AnswerHeader("Datadog-Agent-Version", version), AnswerHeader("Datadog-Agent-State", info.stateHash),
    ]
    self.headers = headers
    self.answersRealStatus = answersRealStatus
    ok = Answer(status: 200, text: "OK\n", headers: headers)
    empty = Answer(status: 200, text: "", headers: headers)
    self.info = Answer(
      status: 200, body: PreparedBody(info.bytes, contentType: "application/json", headers: headers))
    about = Answer(status: 200, text: Self.aboutText(version), headers: headers)
    notDurable = Answer(status: 503, text: "\(Self.notDurableText)\n", headers: headers)
    otlp = OTLPAnswers(headers: headers)
  }
}

extension AnswerParts {
  /// What clients are told whose payload cannot be on disk before it is answered.
  static let notDurableText = "this payload cannot be written to disk now (local.durability: strict)"

  /// What is at this port, and where to look: for whoever opens it in a browser.
  private static func aboutText(_ version: String) -> String {
    """
    roost \(version): an APM agent that takes traces as Datadog's trace-agent does.
    What arrived: roost services. Why nothing does: roost doctor. All else: roost help, and the README of roost.

    """
  }
}

/// The answers for clients on this machine, and those for clients elsewhere, whose `/info` says less. All that a client
/// gets names the state of the document that it would get: tracers compare the two.
struct AnswersByReader: Sendable {
  let thisMachine: AnswerParts
  let network: AnswerParts

  /// For requests that are answered before they are whole.
  var refusalHeaders: RefusalHeaders {
    var headers = RefusalHeaders()
    headers.thisMachine = thisMachine.headers
    headers.network = network.headers
    return headers
  }
}

/// The same as they are now: `/info` names settings that may change while the agent runs.
final class CurrentAnswers: Sendable {
  private let state: Lock<AnswersByReader>
  private let changes = Atomic<Int>(0)
  private let make: @Sendable (AgentConfiguration) -> AnswersByReader

  /// - Parameter make: the answers that a configuration asks for.
  init(_ configuration: AgentConfiguration, _ make: @escaping @Sendable (AgentConfiguration) -> AnswersByReader) {
    self.make = make
    state = Lock(make(configuration))
  }

  var now: AnswersByReader { state.withLock { $0 } }

  /// Counts how often they have changed; to be read often.
  var version: Int { changes.load(ordering: .acquiring) }

  func update(_ configuration: AgentConfiguration) {
    let made = make(configuration)
    state.withLock { $0 = made }
    changes.add(1, ordering: .releasing)
  }
}

/// What a client is answered after its request was handled.
struct RequestAnswers: Sendable {
  private let current: CurrentAnswers
  /// Which of them these were made of.
  private var version: Int
  private var thisMachine: ReaderAnswers
  /// Made when the first client from elsewhere comes; for most agents none does.
  private var network: ReaderAnswers?

  init(_ current: CurrentAnswers, rates: PublishedRates) {
    self.current = current
    version = current.version
    thisMachine = ReaderAnswers(current.now.thisMachine, rates: rates)
  }

  /// From now on payloads are answered with these rates.
  mutating func update(_ newRates: PublishedRates) {
    thisMachine.update(newRates)
    network?.update(newRates)
  }

  mutating func answer(_ event: RequestEvent, _ request: RequestContext) -> Answer {
    if current.version != version { self = RequestAnswers(current, rates: thisMachine.rates.rates) }
    if request.peer.isOnThisMachine { return thisMachine.answer(event, request) }
    if let network { return network.answer(event, request) }
    let made = ReaderAnswers(current.now.network, rates: thisMachine.rates.rates)
    network = made
    return made.answer(event, request)
  }
}

/// What clients are answered that get the same `/info`.
struct ReaderAnswers: Sendable {
  private let parts: AnswerParts
  private(set) var rates: RatesAnswers

  init(_ parts: AnswerParts, rates: PublishedRates) {
    self.parts = parts
    self.rates = RatesAnswers(rates, headers: parts.headers)
  }

  mutating func update(_ newRates: PublishedRates) {
    rates = RatesAnswers(newRates, headers: parts.headers)
  }

  func answer(_ event: RequestEvent, _ request: RequestContext) -> Answer {
    switch event {
    case .traces(let format, let outcome): answer(outcome, format, request).marked(.sentPayload)
    case .info:
      (ClientName.isLookedAtByHand(request.headers) ? parts.info : parts.info.marked(.requestedInfo))
        .naming(request.container)
    case .about: parts.about
    case .acknowledged: parts.ok.marked(.sentPayload)
    case .notFound(let answer), .notOffered(_, let answer), .crossSite(let answer): answer.with(parts.headers)
    }
  }

  private func answer(_ outcome: TraceOutcome, _ format: TraceFormat, _ request: RequestContext) -> Answer {
    if case .otlp = format.answer { return parts.otlp.answer(outcome, request) }
    switch outcome {
    case .accepted, .exported, .counted: return accepted(format, request)
    case .brokenOff: return Answer(status: 400, text: "unexpected-eof", headers: parts.headers)
    case .overloaded, .unreadable(.outOfMemory):
      // Older clients would take 429 for a broken agent.
      var answer = accepted(format, request)
      if format.refusesOpenly || parts.answersRealStatus || request.headers.isTrue(.sendRealHTTPStatus) {
        answer.status = 429
      }
      return answer
    case .notDurable: return parts.notDurable
    case .unreadable(let error):
      return Answer(status: Self.status(error), text: "\(error)\n", headers: parts.headers + Self.headers(error))
    case .unsupportedMediaType:
      return Answer(status: 415, text: "this endpoint takes JSON, not MessagePack\n", headers: parts.headers)
    case .undecodable(let error): return Answer(status: 400, text: "\(error)\n", headers: parts.headers)
    }
  }

  static func status(_ error: InflateError) -> UInt16 {
    switch error {
    case .unknownEncoding: 415
    case .corrupt, .truncated: 400
    case .tooLarge, .windowTooLarge: 413
    case .outOfMemory: 429
    }
  }

  /// RFC 9110 wants an answer of 415 to say which encodings are taken.
  static func headers(_ error: InflateError) -> [AnswerHeader] {
    guard case .unknownEncoding = error else { return [] }
    let names = ContentEncoding.allCases.map(\.rawValue)
    return [AnswerHeader("Accept-Encoding", names.joined(separator: ", "))]
  }

  private func accepted(_ format: TraceFormat, _ request: RequestContext) -> Answer {
    switch format.answer {
    case .okText: parts.ok
    case .empty, .otlp: parts.empty
    case .rates: rates.answer(clientVersion: request.headers[.ratesPayloadVersion])
    }
  }
}

extension Answer {
  /// The same answer, with the hash of what is known of the client's container: tracers make it a part of what they
  /// tell services apart by.
  fileprivate func naming(_ container: KnownContainer?) -> Answer {
    guard let hash = container?.tagsHash else { return self }
    var answer = self
    answer.extraHeaders.append(AnswerHeader("Datadog-Container-Tags-Hash", hash))
    return answer
  }

  /// The same answer, with headers that it does not have yet.
  fileprivate func with(_ headers: [AnswerHeader]) -> Answer {
    var answer = self
    answer.extraHeaders += headers
    return answer
  }

  /// The same answer, with a mark for when its connection ends.
  fileprivate func marked(_ mark: AnswerMarks) -> Answer {
    var answer = self
    answer.marks = mark
    return answer
  }
}
