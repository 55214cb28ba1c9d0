import Platform

/// A whole request that has left its connection, so that another thread can work on it while the worker serves others.
///
/// It owns its body, with what is set aside of memory for that, and copies of whatever it had in the connection's memory,
/// which a client takes along when it leaves.
package final class DetachedRequest: @unchecked Sendable {
  private let method: RequestMethod
  private let isAbsoluteForm: Bool
  private let isCall: Bool
  private let declaredLength: Int?
  private let peer: PeerIdentity
  private let lateAnswers: LateAnswers
  private let box: BodyBufferBox
  private let reservation: BodyReservation
  private let bodies: BodyCapacity
  private let slots: UnsafeMutablePointer<UnsafeRawBufferPointer>
  /// The values of the headers, and behind them the path.
  private let texts: UnsafeMutableRawBufferPointer
  private let path: UnsafeRawBufferPointer

  /// - Returns: `nil` when the system has no memory for it; then the request is as it was.
  fileprivate init?(_ request: borrowing Request, _ held: Request.HeldBody) {
    let headers = KnownHeader.allCases.map { request.headers[$0] }
    let length = headers.reduce(request.path.count) { $0 + ($1?.count ?? 0) }
    guard let box = held.holder.box ?? Self.copy(request.body),
      let texts = malloc(max(length, 1)).map({ UnsafeMutableRawBufferPointer(start: $0, count: length) })
    else { return nil }
    slots = .allocate(capacity: headers.count)
    var offset = 0
    func keep(_ text: UnsafeRawBufferPointer) -> UnsafeRawBufferPointer {
      let copy = UnsafeMutableRawBufferPointer(rebasing: texts[offset..<offset + text.count])
      copy.copyMemory(from: text)
      offset += text.count
      // A header that is empty is there all the same.
      return UnsafeRawBufferPointer(start: texts.baseAddress.map { $0 + (offset - text.count) }, count: text.count)
    }
    for (place, value) in headers.enumerated() {
      (slots + place).initialize(to: value.map(keep) ?? UnsafeRawBufferPointer(start: nil, count: 0))
    }
    path = keep(request.path)
    self.texts = texts
    self.box = box
    (method, isAbsoluteForm, isCall) = (request.method, request.isAbsoluteForm, request.isCall)
    (declaredLength, peer) = (request.declaredLength, request.peer)
    (lateAnswers, bodies) = (request.lateAnswers, held.bodies)
    reservation = held.holder.reservation
    held.holder.box = nil
    held.holder.reservation = BodyReservation()
  }

  deinit {
    bodies.release(reservation)
    slots.deallocate()
    free(texts.baseAddress)
  }

  private static func copy(_ body: UnsafeRawBufferPointer) -> BodyBufferBox? {
    guard let box = BodyBufferPool.box(capacity: body.count), box.buffer.append(body) else { return nil }
    return box
  }

  /// Bytes of the body as it came.
  package var bodyBytes: Int { box.buffer.count }

  /// Calls with the request. What that points to is valid until the call returns.
  /// - Parameter shard: whose it is now.
  package func withRequest<Result>(shard: Int, _ body: (borrowing Request) -> Result) -> Result {
    body(
      Request(
        method: method, path: path, isAbsoluteForm: isAbsoluteForm, headers: RequestHeaders(slots: slots),
        body: box.buffer.bytes, declaredLength: declaredLength, shard: shard, peer: peer, lateAnswers: lateAnswers,
        isCall: isCall, exchange: nil))
  }

  /// Calls with the request as one that was refused.
  package func withRejected(_ reason: RejectionReason, shard: Int, _ body: (borrowing RejectedRequest) -> Void) {
    body(
      RejectedRequest(
        reason: reason, method: method, path: path, headers: RequestHeaders(slots: slots),
        bytesReceived: bodyBytes, declaredLength: declaredLength, shard: shard, peer: peer, isCall: isCall))
  }
}

/// What has the body of a request until another thread takes it over.
protocol BodyHolder: AnyObject {
  /// `nil` where the body lies elsewhere, and once it was taken.
  var box: BodyBufferBox? { get set }
  /// What is set aside for it.
  var reservation: BodyReservation { get set }
}

extension Connection: BodyHolder {}

extension Request {
  /// Where the body of a request lies that another thread may take over.
  struct HeldBody {
    unowned(unsafe) let holder: any BodyHolder
    unowned(unsafe) let bodies: BodyCapacity
  }

  /// Leaves the request to another thread, which will be done with it whether or not the client waits for that: so the
  /// answer has no time limit, and a client that closes its sending half gets it.
  /// - Parameter begin: passes both on; called at once.
  /// - Returns: `nil`, and `begin` is not called, when the caller has to work on the request itself: too many answers are
  ///   awaited already, the server stops, or there is no memory.
  package func answerOnOtherThread(_ begin: (DetachedRequest, AnswerTicket) -> Void) -> Reply? {
    guard let heldBody, case .admitted(let late) = lateAnswers.admitWithoutLimit() else { return nil }
    let ticket = AnswerTicket(late, of: lateAnswers)
    guard let detached = DetachedRequest(self, heldBody) else {
      lateAnswers.withdraw(late)
      return nil
    }
    begin(detached, ticket)
    return .later(late)
  }
}
