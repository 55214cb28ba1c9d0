import Addresses
import Control
import Platform
import Traces

@testable import Dashboard

/// Answers of an agent that has one service.
struct FixedAnswers: ControlAnswering {
  /// One failed request.
  static var trace: Trace {
    var span = TraceSpan(
      spanID: 1, parentID: 7, service: "shop", operation: "web.request", resource: "GET /cart", type: "web",
      startNs: 1_700_000_000_000_000_000, durationNs: 5_000_000, isError: true)
    span.meta = [("env", "dev"), ("http.status_code", "503"), ("huge", String(repeating: "x", count: 3 << 20))]
    return Trace(id: TraceID(high: 0, low: 0xbeef), spans: [span], isKept: true, keptBy: "priority")
  }

  func answer(_ query: ControlQuery) -> ControlAnswer {
    switch query {
    case .info:
      .info(InfoAnswer(version: "1.2.3", commit: "", pid: 1, startedNs: 0, nowNs: 0, hostname: "box"))
    case .services(let query):
      query.env == "none" ? .refused("no such environment") : .services(ServicesAnswer(nowNs: 0, rows: []))
    case .resources(let query): .resources(ResourcesAnswer(service: query.service, nowNs: 0, rows: []))
    case .series(let query):
      .series(
        SeriesAnswer(
          firstStepNs: 0, stepNs: query.stepNs ?? 1, covered: CoveredTime(startNs: 0, endNs: 1),
          rows: [SeriesRow(service: query.selection.service ?? "", env: "", hits: [1], errors: [0])]))
    case .traces(let query):
      query.filter == .all
        ? .traces(TracesAnswer(nowNs: 0, rows: [], arrivedUpTo: query.arrivedAfter))
        : .refused("asked for \(query.filter) \(query.limit)")
    case .trace(.last): .noTrace(NoTraceAnswer())
    case .trace(.hexPrefix("beef")): .trace(TraceAnswer(Self.trace))
    case .trace(.slowest(let service, let resource)): .refused("\(service) and \(resource)")
    case .trace(.error): .noTrace(NoTraceAnswer(isSearchCut: true))
    case .trace: .noTrace(NoTraceAnswer(candidates: [TraceID(high: 0, low: 1), TraceID(high: 0, low: 2)]))
    default: .refused("not of this agent")
    }
  }
}

/// A browser that speaks bytes.
struct PageClient: ~Copyable {
  struct Answer {
    var status = 0
    /// By their names in small letters.
    var headers: [String: String] = [:]
    var body = ""
  }

  struct Broken: Error {}

  private let descriptor: Int32
  private var isKept = false

  /// - Parameter window: bytes that the system reads ahead; `nil` for its usual many.
  init(_ server: DashboardServer, window: Int32? = nil) throws {
    descriptor = socket(AF_INET, SystemSockets.stream, 0)
    if var window { setsockopt(descriptor, SOL_SOCKET, SO_RCVBUF, &window, socklen_t(MemoryLayout<Int32>.size)) }
    var limit = timeval(tv_sec: 20, tv_usec: 0)
    setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
    guard let address = SystemAddress(server.address),
      address.withPointer({ connect(descriptor, $0, $1) }) == 0
    else { throw Broken() }
  }

  deinit { if !isKept { close(descriptor) } }

  /// Ends this value, but not its connection.
  consuming func keepOpen() -> Int32 {
    isKept = true
    return descriptor
  }

  /// One request on a connection of its own. `host` is `nil` for a request without that header.
  static func get(
    _ target: String, from server: DashboardServer, method: String = "GET", host: String? = "localhost",
    _ headers: [String: String] = [:]
  ) throws -> Answer {
    guard case .tcp(_, let port) = server.address else { throw Broken() }
    var head = "\(method) \(target) HTTP/1.1\r\nConnection: close\r\n"
    if let host { head += "Host: \(host):\(port)\r\n" }
    for (name, value) in headers { head += "\(name): \(value)\r\n" }
    let client = try PageClient(server)
    client.send(head + "\r\n")
    return try parsed(client.rest())
  }

  func send(_ text: String) {
    var bytes = Array(text.utf8)[...]
    while !bytes.isEmpty {
      let count = bytes.withUnsafeBytes { Platform.send(descriptor, $0.baseAddress, $0.count, SystemSockets.sendFlags) }
      guard count > 0 else { return }
      bytes = bytes.dropFirst(count)
    }
  }

  /// What comes until the other side ends.
  func rest() -> String {
    var all: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 65_536)
    while case let count = recv(descriptor, &buffer, buffer.count, 0), count > 0 { all += buffer.prefix(count) }
    return String(decoding: all, as: UTF8.self)
  }

  /// What comes until `mark` has come.
  func read(until mark: String) throws -> String {
    var all = ""
    var buffer = [UInt8](repeating: 0, count: 65_536)
    while !all.contains(mark) {
      let count = recv(descriptor, &buffer, buffer.count, 0)
      guard count > 0 else { throw Broken() }
      all += String(decoding: buffer.prefix(count), as: UTF8.self)
    }
    return all
  }

  static func parsed(_ text: String) throws -> Answer {
    guard let end = text.firstRange(of: "\r\n\r\n") else { throw Broken() }
    var answer = Answer()
    var lines = text[..<end.lowerBound].split(separator: "\r\n")[...]
    answer.status = lines.popFirst()?.split(separator: " ").dropFirst().first.flatMap { Int($0) } ?? 0
    for line in lines {
      let pair = line.split(separator: ":", maxSplits: 1)
      answer.headers[pair[0].lowercased()] = pair.count > 1 ? String(pair[1].drop { $0 == " " }) : ""
    }
    answer.body = String(text[end.upperBound...])
    return answer
  }
}
