import Platform
import TestCalls

@testable import GRPC

/// A session between a client that writes frames by hand and an agent that notes what comes.
final class SessionUnderTest {
  /// Keeps a message in memory, as long as the session under test allows it.
  private final class PlainStore: MessageStore {
    private var storage: UnsafeMutableRawBufferPointer = .allocate(byteCount: 1 << 16, alignment: 1)
    private var count = 0
    private let opened: OpenCount

    init(_ opened: OpenCount) {
      self.opened = opened
      opened.open()
    }

    deinit {
      storage.deallocate()
      opened.close()
    }

    var bytes: UnsafeRawBufferPointer { UnsafeRawBufferPointer(rebasing: storage[..<count]) }

    func append(_ piece: UnsafeRawBufferPointer) -> Bool {
      guard count + piece.count <= storage.count else { return false }
      UnsafeMutableRawBufferPointer(rebasing: storage[count..<count + piece.count]).copyMemory(from: piece)
      count += piece.count
      return true
    }
  }

  static let path = "/test.Service/Method"

  let session: CallSession
  let answers = ServerFrames()
  var nowMs: UInt64 = 1_000
  /// Messages that came whole, with how they were compressed.
  private(set) var messages: [String] = []
  private(set) var failures: [CallFailure] = []
  private(set) var (began, ended) = (0, 0)
  /// Stores that are there now.
  let stores: OpenCount
  /// What whole calls are answered.
  var status = CallStatus(.ok)
  var answersCalls = true
  private(set) var waiting: [Call] = []

  init(
    _ limits: SessionLimits = SessionLimits(), hasRoom: Bool = true, headerRoom: HeaderRoom = HeaderRoom()
  ) throws {
    struct NoMemory: Error {}
    let stores = OpenCount()
    self.stores = stores
    let library = try HTTP2Library.open()
    let made = CallSession(
      library, limits: limits, acceptedEncodings: "identity,gzip", nowMs: nowMs, headerRoom: headerRoom
    ) { _ in
      hasRoom ? PlainStore(stores) : nil
    }
    guard let made else { throw NoMemory() }
    session = made
  }

  /// Has the session take bytes, in pieces of some size, and everything that follows from them.
  func send(_ bytes: [UInt8], pieces size: Int = .max) {
    var start = 0
    while start < bytes.count {
      let end = start + min(size, bytes.count - start)
      bytes[start..<end].withUnsafeBytes { session.receive($0, nowMs: nowMs) }
      advance()
      start = end
    }
  }

  func advance() {
    for _ in 0..<2 {
      for event in session.takeEvents() { note(event) }
      var output: [UInt8] = []
      session.appendOutput(to: &output, bytesMax: .max)
      answers.take(output)
    }
  }

  func answer(_ call: Call) {
    Array("answer".utf8).withUnsafeBytes { session.answer(call, status, message: $0) }
  }

  private func note(_ event: CallEvent) {
    switch event {
    case .began: began += 1
    case .ended: ended += 1
    case .failed(_, let failure): failures.append(failure)
    case .whole(let call):
      let encoding = call.encoding.map { " in " + String(decoding: $0, as: UTF8.self) } ?? ""
      messages.append(
        String(decoding: call.path, as: UTF8.self) + ": " + String(decoding: call.bytes, as: UTF8.self) + encoding)
      if answersCalls { answer(call) } else { waiting.append(call) }
    }
  }
}
