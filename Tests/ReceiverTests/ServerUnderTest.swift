import Addresses
import GRPC
import Platform

@testable import Receiver

/// What the handler saw of a request.
struct Seen: Equatable {
  var method: RequestMethod
  var path: String
  var isAbsoluteForm = false
  var body: [UInt8]
  var lang: String?
  var declaredLength: Int?
  var shard: Int
  var peer: PeerIdentity
  var isCall = false
  var contentEncoding: String?
}

struct SeenRejection: Equatable {
  var reason: RejectionReason
  var path: String
  var traceCount: Int64?
  var bytesReceived: Int
}

/// Keeps what the server called back with, and lets a test wait for it.
final class Recorder: Sendable {
  private struct Contents {
    var seen: [Seen] = []
    var rejections: [SeenRejection] = []
    var notes: [ReceiverNote] = []
    var events: [ConnectionEvent] = []
  }
  private let contents = Lock(Contents())

  var seen: [Seen] { contents.withLock { $0.seen } }
  var rejections: [SeenRejection] { contents.withLock { $0.rejections } }
  var notes: [ReceiverNote] { contents.withLock { $0.notes } }
  var events: [ConnectionEvent] { contents.withLock { $0.events } }

  func add(_ request: Seen) { contents.withLock { $0.seen.append(request) } }
  func add(_ rejection: SeenRejection) { contents.withLock { $0.rejections.append(rejection) } }
  func add(_ note: ReceiverNote) { contents.withLock { $0.notes.append(note) } }
  func add(_ event: ConnectionEvent) { contents.withLock { $0.events.append(event) } }
}

/// Waits for a condition that another thread brings about; false when it does not come about.
func eventually(_ condition: () -> Bool) -> Bool {
  for _ in 0..<20_000 {
    if condition() { return true }
    var nothing = pollfd(fd: -1, events: 0, revents: 0)
    poll(&nothing, 1, 1)
  }
  return false
}

/// A server on free ports that answers with the length of the body.
struct ServerUnderTest {
  let server: HTTPServer
  let recorder = Recorder()

  /// Marks of the answers of `/info` and `/v0.4/traces`.
  static let infoMark = AnswerMarks(rawValue: 1)
  static let tracesMark = AnswerMarks(rawValue: 2)

  static func configuration(_ change: (inout ReceiverConfiguration) -> Void = { _ in }) -> ReceiverConfiguration {
    var configuration = ReceiverConfiguration(tcp: [.tcp(host: "127.0.0.1", port: 0)])
    change(&configuration)
    return configuration
  }

  init(
    _ configuration: ReceiverConfiguration = configuration(),
    onRequest: @escaping @Sendable (String) -> Void = { _ in },
    openLibrary: @escaping CallWorker.OpenLibrary = { () throws(HTTP2Library.Missing) in try HTTP2Library.open() }
  ) throws {
    let recorder = self.recorder
    let routes = RoutingTable([
      Endpoint("/v0.4/traces", 1), Endpoint("/info", 2), Endpoint("/proxy/", 3),
    ])
    server = try HTTPServer(
      configuration: configuration, memory: ConnectionMemory(headerBytesMax: configuration.headerBytesMax),
      note: { recorder.add($0) },
      handler: { request in
        let endpoint: Int
        switch routes.route(request) {
        case .refused(let answer): return .now(answer)
        case .endpoint(let found): endpoint = found
        }
        let path = String(decoding: request.path, as: UTF8.self)
        recorder.add(
          Seen(
            method: request.method, path: path, isAbsoluteForm: request.isAbsoluteForm, body: Array(request.body),
            lang: request.headers.string(.metaLang), declaredLength: request.declaredLength, shard: request.shard,
            peer: request.peer, isCall: request.isCall, contentEncoding: request.headers.string(.contentEncoding)))
        onRequest(path)
        var answer = Answer(status: 200, text: "\(request.body.count)")
        if endpoint == 1 { answer.marks = Self.tracesMark }
        if endpoint == 2 { answer.marks = Self.infoMark }
        return .now(answer)
      },
      rejected: { request in
        recorder.add(
          SeenRejection(
            reason: request.reason, path: String(decoding: request.path, as: UTF8.self),
            traceCount: request.headers.integer(.traceCount), bytesReceived: request.bytesReceived))
      },
      event: { recorder.add($0) }, openLibrary: openLibrary)
  }

  var port: UInt16 {
    for case .tcp(_, let port) in server.listeners { return port }
    return 0
  }

  func connect() throws -> Client { try Client(port: port) }
}

/// A fresh folder for socket files, short enough for their paths, removed at the end.
final class TemporaryFolder {
  let path: String

  init() throws {
    var template = Array("/tmp/roost-test-XXXXXX".utf8CString)
    guard mkdtemp(&template) != nil else { throw Client.Broken(what: "mkdtemp") }
    path = template.withUnsafeBufferPointer { $0.baseAddress.map { String(cString: $0) } ?? "" }
  }

  deinit {
    for name in ["apm.socket", "other.socket", "file"] { unlink("\(path)/\(name)") }
    rmdir(path)
  }
}
