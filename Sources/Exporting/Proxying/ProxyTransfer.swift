import CCurl
import Platform

/// Passes on one request after the other over one handle of libcurl.
///
/// libcurl calls back into it while the loop runs, on the loop's thread; it does not move and outlives the request.
final class ProxyTransfer {
  private let handle: CurlHandle
  /// By which libcurl knows it.
  var easy: UnsafeMutableRawPointer { handle.easy }
  private(set) var work: ProxyWork?
  private var sentBytes = 0
  private var answer = ProxyAnswer(status: 0)
  private var headBytes = 0
  /// Bytes of the answer's body for which there is memory.
  private var admittedBytes = ProxyTransfer.unaskedBytes
  private var isTooLarge = false

  /// Bytes of an answer that are passed back; lists of tests for one that runs in parts are the longest.
  static let answerBytesMax = 16 << 20
  /// Bytes of an answer that are taken without asking for memory, and how much is asked for at a time then.
  private static let unaskedBytes = 64 << 10
  private static let askedBytes = 1 << 20
  private static let headBytesMax = 32 << 10
  private static let headersMax = 64
  /// A connection that was idle for longer is not used again: the intakes close theirs after a minute.
  private static let idleSecondsMax = 47

  init?(library: CurlLibrary) {
    guard let handle = CurlHandle(library: library) else { return nil }
    self.handle = handle
  }

  /// Makes this the next attempt of `work`. Answers other than `CURLE_OK` mean that it must not be started.
  func prepare(_ work: ProxyWork, _ transport: TransportSettings, now: ContinuousClock.Instant) -> CURLcode {
    reset()
    self.work = work
    let request = work.request
    return handle.prepare(url: request.url, headers: Self.headers(request)) { options in
      // What a client asks for goes to the server as it is, dots and all.
      options.set(CURLOPT_PATH_AS_IS, 1)
      options.set(transport, timeout: now.duration(to: work.deadline), usesTLS: request.usesTLS)
      options.set(CURLOPT_MAXAGE_CONN, Self.idleSecondsMax)
      options.set(CURLOPT_SUPPRESS_CONNECT_HEADERS, 1)
      // The connection that failed before may be one that a machine on the way has forgotten.
      if work.attempts > 0 { options.set(CURLOPT_FRESH_CONNECT, 1) }
      setMethod(request, &options)
      setAnswer(&options)
    }
  }

  /// How the attempt ended, once libcurl has said so.
  func outcome(_ code: CURLcode) -> ProxyOutcome {
    if isTooLarge { return .answerTooLarge }
    if code == CURLE_OPERATION_TIMEDOUT { return .timedOut }
    // A server may refuse before it has read all, and close the connection then.
    guard code == CURLE_OK ? answer.status >= 200 : answer.status >= 400 else {
      return .unreachable(handle.text(code))
    }
    return .answered(answer)
  }

  /// Forgets the request. The connection stays open for the next one.
  func reset() {
    handle.reset()
    work = nil
    sentBytes = 0
    headBytes = 0
    admittedBytes = Self.unaskedBytes
    isTooLarge = false
    answer = ProxyAnswer(status: 0)
  }
}

extension ProxyTransfer {
  /// Where the request ends and whom it is for is libcurl's to say, or what follows it could be read as another request.
  private static let ownHeaders = ["Host", "Content-Length", "Transfer-Encoding", "Connection"]

  private static func headers(_ request: ProxyRequest) -> [String] {
    // Without the first libcurl asks for permission to send a large body; the others it would add by itself.
    var lines = ["Expect:"]
    for name in ["Accept", "Content-Type"] where !request.headers.contains(where: { $0.isNamed(name) }) {
      lines.append("\(name):")
    }
    let passed = request.headers.filter { header in !ownHeaders.contains { header.isNamed($0) } }
    return lines + passed.compactMap(\.line)
  }

  private func setMethod(_ request: ProxyRequest, _ options: inout CurlOptions) {
    if request.method == "HEAD" { return options.set(CURLOPT_NOBODY, 1) }
    if request.method == "GET", request.body.isEmpty { return options.set(CURLOPT_HTTPGET, 1) }
    options.set(CURLOPT_POST, 1)
    if request.method != "POST" { options.set(CURLOPT_CUSTOMREQUEST, request.method) }
    options.set(CURLOPT_POSTFIELDSIZE_LARGE, size: request.body.count)
    let context = Unmanaged.passUnretained(self).toOpaque()
    options.set(CURLOPT_READDATA, pointer: context)
    options.set(CURLOPT_READFUNCTION) { bytes, size, count, context in
      ProxyTransfer.from(context)?.read(UnsafeMutableRawBufferPointer(start: bytes, count: size * count)) ?? 0
    }
    options.set(CURLOPT_SEEKDATA, pointer: context)
    options.setSeek { context, offset, origin in
      ProxyTransfer.from(context)?.seek(to: Int(offset), origin) ?? CURL_SEEKFUNC_FAIL
    }
  }

  private func setAnswer(_ options: inout CurlOptions) {
    let context = Unmanaged.passUnretained(self).toOpaque()
    options.set(CURLOPT_HEADERDATA, pointer: context)
    options.set(CURLOPT_HEADERFUNCTION) { bytes, size, count, context in
      ProxyTransfer.from(context)?.takeHead(UnsafeRawBufferPointer(start: bytes, count: size * count)) ?? 0
    }
    options.set(CURLOPT_WRITEDATA, pointer: context)
    options.set(CURLOPT_WRITEFUNCTION) { bytes, size, count, context in
      ProxyTransfer.from(context)?.takeBody(UnsafeRawBufferPointer(start: bytes, count: size * count)) ?? 0
    }
  }

  private static func from(_ context: UnsafeMutableRawPointer?) -> ProxyTransfer? {
    context.map { Unmanaged<ProxyTransfer>.fromOpaque($0).takeUnretainedValue() }
  }

  /// Hands the next bytes of the body to libcurl.
  private func read(_ space: UnsafeMutableRawBufferPointer) -> Int {
    guard let body = work?.request.body else { return 0 }
    let count = min(space.count, body.count - sentBytes)
    body.withUnsafeBytes { bytes in
      space.copyMemory(from: UnsafeRawBufferPointer(rebasing: bytes[sentBytes..<sentBytes + count]))
    }
    sentBytes += count
    return count
  }

  /// libcurl goes back when a kept connection turns out to be closed and the body has to be sent over another one.
  private func seek(to offset: Int, _ origin: Int32) -> Int32 {
    guard origin == SEEK_SET, let work, (0...work.request.body.count).contains(offset) else {
      return CURL_SEEKFUNC_FAIL
    }
    sentBytes = offset
    return CURL_SEEKFUNC_OK
  }

  /// A line of the answer's head; a status line begins it anew, as behind `100 Continue`.
  private func takeHead(_ bytes: UnsafeRawBufferPointer) -> Int {
    headBytes += bytes.count
    guard headBytes <= Self.headBytesMax else {
      isTooLarge = true
      return 0
    }
    if bytes.starts(with: "HTTP/".utf8) {
      answer = ProxyAnswer(status: HeadLine.status(bytes) ?? 0)
    } else if answer.headers.count < Self.headersMax, let field = HeadLine.field(bytes) {
      answer.headers.append(field)
    }
    return bytes.count
  }

  private func takeBody(_ bytes: UnsafeRawBufferPointer) -> Int {
    let count = answer.body.count + bytes.count
    guard count <= Self.answerBytesMax, isAdmitted(count) else {
      isTooLarge = true
      return 0
    }
    answer.body.append(contentsOf: bytes)
    return bytes.count
  }

  private func isAdmitted(_ count: Int) -> Bool {
    guard count > admittedBytes, let admits = work?.request.admitsAnswer else { return true }
    let asked = max(count - admittedBytes, Self.askedBytes)
    guard admits(asked) else { return false }
    admittedBytes += asked
    return true
  }
}

/// Lines of an answer's head.
enum HeadLine {
  /// The number behind the version; `nil` where there is none.
  static func status(_ line: UnsafeRawBufferPointer) -> Int? {
    let words = line.split(separator: UInt8(ascii: " "), maxSplits: 2)
    guard words.count > 1 else { return nil }
    return Int(String(decoding: words[1], as: UTF8.self).filter(\.isNumber))
  }

  /// A name and a value; `nil` for a line without a colon.
  static func field(_ line: UnsafeRawBufferPointer) -> ProxyAnswer.Field? {
    guard let colon = line.firstIndex(of: UInt8(ascii: ":")) else { return nil }
    func trimmed(_ bytes: Slice<UnsafeRawBufferPointer>) -> String {
      var rest = bytes.drop { $0 <= 0x20 }
      while let last = rest.last, last <= 0x20 { rest = rest.dropLast() }
      return String(decoding: rest, as: UTF8.self)
    }
    return ProxyAnswer.Field(name: trimmed(line[..<colon]), value: trimmed(line[(colon + 1)...]))
  }
}
