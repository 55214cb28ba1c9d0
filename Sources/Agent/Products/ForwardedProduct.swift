import Control
import Exporting
import Platform
import Receiver
import Scrubbing
import Synchronization
import TraceModel

/// Passes the requests of a product on to its intakes, and hands back what the first one answers. Without a key it takes
/// them, answers what a client is content with, and throws them away.
final class ForwardedProduct: ProductEndpoint {
  private let product: Product
  /// Of the rule among those in force.
  private let place: Int
  private let services: ProductServices

  /// - Parameter place: of the product's rule among those in force.
  init(_ product: Product, place: Int, _ services: ProductServices) {
    self.product = product
    self.place = place
    self.services = services
  }

  func receive(_ request: borrowing Request, headers: [AnswerHeader]) -> ProductReply {
    let bytes = request.body.count
    services.accounts.receive(product, bytes: bytes, atNs: services.clock.nowNs)
    let rule = services.rules.all[place]
    guard !rule.intakes.isEmpty else { return discard(request, headers) }
    do throws(ProductRefusal) {
      return try pass(on: request, by: rule, headers)
    } catch {
      services.accounts.end(product, bytes: bytes, .dropped(error.reason))
      let answer =
        rule.answersAtOnce
        ? Self.empty(status: error.status, headers)
        : Answer(status: error.status, text: error.text + "\n", headers: headers)
      return ProductReply(outcome: .refused(reason: error.reason.rawValue), reply: .now(answer))
    }
  }

  func noteBroken(_ request: borrowing RejectedRequest) {
    services.accounts.receive(product, bytes: request.bytesReceived, atNs: services.clock.nowNs)
    services.accounts.end(product, bytes: request.bytesReceived, .broken("\(request.reason.dropReason)"))
  }

  private func discard(_ request: borrowing Request, _ headers: [AnswerHeader]) -> ProductReply {
    services.accounts.end(product, bytes: request.body.count, .discarded)
    name(request) { "taken and thrown away, as there is no API key" }
    return ProductReply(outcome: .taken, reply: .now(Self.empty(status: 200, headers)))
  }

  /// Says once of each product what becomes of it: a person may not know that a tracer sends it, and where to.
  private func name(_ request: borrowing Request, _ fate: () -> String) {
    guard services.named.isNew(product.rawValue) else { return }
    let client = Scrubber.scrub(ClientName.of(ClientIdentity(request.headers), request.headers))
    services.log.info("\(client.isEmpty ? "a client" : client) sends \(product.title): \(fate())")
  }

  /// `{}`, which every client takes for an answer.
  static func empty(status: UInt16, _ headers: [AnswerHeader]) -> Answer {
    Answer(status: status, body: PreparedBody("{}".utf8, contentType: "application/json", headers: headers))
  }

  private func pass(
    on request: borrowing Request, by rule: ProductRule, _ headers: [AnswerHeader]
  ) throws(ProductRefusal) -> ProductReply {
    let method = try methodOfAllowed(request, bytesMax: rule.bodyBytesMax)
    let bytes = request.body.count
    guard services.limits.take(product, bytes: bytes) else {
      throw ProductRefusal(status: 429, reason: .tooManyUnderWay, text: "too many requests are under way")
    }
    let claim = MemoryClaim(services.memory)
    let departure: ProductDeparture
    do throws(ProductRefusal) {
      departure = try self.departure(of: request, method, claim, by: rule)
    } catch {
      claim.release()
      services.limits.release(product, bytes: bytes)
      throw error
    }
    if let intake = rule.intakes.first { name(request) { "passed on to \(intake.place(departure))" } }
    let journey = Journey(
      rule: rule, bytes: bytes, method: method, departure: departure, headers: headers, claim: claim)
    if rule.answersAtOnce {
      send(journey, ticket: nil)
      return ProductReply(outcome: .taken, reply: .now(Self.empty(status: 200, headers)))
    }
    var isBegun = false
    let reply = request.answerLater { ticket in
      isBegun = true
      send(journey, ticket: ticket)
    }
    guard !isBegun else { return ProductReply(outcome: .taken, reply: reply) }
    services.accounts.end(product, bytes: bytes, .dropped(.tooManyUnderWay))
    claim.release()
    services.limits.release(product, bytes: bytes)
    return ProductReply(outcome: .refused(reason: ProductDropReason.tooManyUnderWay.rawValue), reply: reply)
  }

  /// The method of a request that may be passed on, as far as that shows without its copy.
  private func methodOfAllowed(
    _ request: borrowing Request, bytesMax: Int?
  ) throws(ProductRefusal) -> String {
    if let bytesMax, request.body.count > bytesMax {
      throw ProductRefusal(status: 413, reason: .payloadTooLarge, text: "payload-too-large")
    }
    if RebindingGuard.suspects(request) {
      throw ProductRefusal(
        status: 403, reason: .invalid, text: "reads by a public name are refused: a web page may have had it made")
    }
    guard let method = request.method.text else {
      throw ProductRefusal(status: 405, reason: .invalid, text: "this method is not passed on")
    }
    return method
  }

  /// What leaves for the intakes, made of a copy of the request, where there is memory for one.
  private func departure(
    of request: borrowing Request, _ method: String, _ claim: MemoryClaim, by rule: ProductRule
  ) throws(ProductRefusal) -> ProductDeparture {
    guard claim.add(request.body.count) else {
      throw ProductRefusal(status: 429, reason: .memoryLimit, text: "memory-limit")
    }
    return try rule.depart(
      ProductRequest(
        method: method, path: String(decoding: request.path, as: UTF8.self), arguments: request.arguments(),
        headers: request.allHeaders(), body: Array(request.body),
        container: services.containers.container(of: request.headers, request.peer, nowNs: services.clock.nowNs)))
  }
}

extension ForwardedProduct {
  /// A request on its way to all intakes of the product.
  private struct Journey: Sendable {
    let rule: ProductRule
    let bytes: Int
    let method: String
    let departure: ProductDeparture
    /// Those that the answer is to have.
    let headers: [AnswerHeader]
    let claim: MemoryClaim
  }

  private func send(_ journey: Journey, ticket: AnswerTicket?) {
    let rule = journey.rule
    let left = Remaining(rule.intakes.count)
    for (index, intake) in rule.intakes.enumerated() {
      var request = ProxyRequest(
        method: journey.method, url: intake.url(journey.departure),
        headers: journey.departure.headers.filter { !$0.isNamed(intake.keyLine.name) } + [intake.keyLine],
        body: journey.departure.body, timeout: rule.timeout, attemptsMax: rule.attemptsMax)
      // A copy of the answer is made for the client. What is claimed belongs to the proxy's thread from here on.
      request.admitsAnswer = { journey.claim.add(2 * $0) }
      services.proxy.send(request) { [self] outcome in
        if index == 0 {
          end(journey, outcome)
          ticket?.complete(with: answer(outcome, of: journey))
        } else {
          endCopy(outcome)
        }
        guard left.endOne() else { return }
        journey.claim.release()
        services.limits.release(product, bytes: journey.bytes)
      }
    }
  }

  private func end(_ journey: Journey, _ outcome: ProxyOutcome) {
    let ending: ProductAccounts.Ending
    switch outcome {
    case .answered(let answer) where Self.isTaken(answer): ending = .forwarded
    case .answered(let answer):
      ending = .refused(status: answer.status)
      noteKey(answer)
      report(
        "its intake answered \(answer.status)" + (RetryPolicy.isAboutKey(answer.status) ? ": is the key right?" : ""))
    case .unreachable(let reason):
      ending = .dropped(.unreachable)
      report("its intake cannot be reached: \(reason)")
    case .timedOut:
      ending = .dropped(.timedOut)
      report("its intake did not answer in time")
    case .answerTooLarge:
      ending = .dropped(.answerTooLarge)
      report("the answer of its intake is too large to be passed back")
    case .impossible(let reason):
      ending = .dropped(.impossible)
      report(reason)
    case .stopped: ending = .dropped(.stopping)
    }
    services.accounts.end(product, bytes: journey.bytes, ending)
  }

  private func endCopy(_ outcome: ProxyOutcome) {
    var isTaken = false
    if case .answered(let answer) = outcome {
      isTaken = Self.isTaken(answer)
      noteKey(answer)
    }
    services.accounts.endCopy(product, isTaken: isTaken)
    if !isTaken { report("a further intake did not take it") }
  }

  private func noteKey(_ answer: ProxyAnswer) {
    if RetryPolicy.isAboutKey(answer.status) { services.keyRefusal.note() }
  }

  /// An intake that sends the request elsewhere has taken nothing; one that has nothing newer has answered.
  private static func isTaken(_ answer: ProxyAnswer) -> Bool { answer.status < 300 || answer.status == 304 }

  private func report(_ reason: String) {
    let text = Scrubber.scrub("\(product.title): \(reason)")
    services.errors.add(text, atNs: services.clock.nowNs)
    services.log.warn(kind: "product \(product.rawValue)", text)
  }

  private func answer(_ outcome: ProxyOutcome, of journey: Journey) -> Answer {
    let headers = journey.headers
    switch outcome {
    case .answered(let answer):
      let isTurned = journey.rule.turnsAcceptedIntoOK && answer.status == 202
      return ProductHeaders.answer(answer, status: isTurned ? 200 : answer.status, headers)
    case .unreachable, .answerTooLarge, .impossible:
      return Answer(status: 502, text: "the intake cannot be reached\n", headers: headers)
    case .timedOut: return Answer(status: 504, text: "the intake did not answer in time\n", headers: headers)
    case .stopped: return Answer(status: 503, text: "stopping", headers: headers)
    }
  }
}

/// Counts down to the last of several endings, on any threads.
private final class Remaining: Sendable {
  private let count: Atomic<Int>

  init(_ count: Int) { self.count = Atomic(count) }

  /// Whether it was the last one.
  func endOne() -> Bool { count.subtract(1, ordering: .acquiringAndReleasing).newValue == 0 }
}
