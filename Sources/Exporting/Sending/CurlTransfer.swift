import CCurl
import Platform

/// Owner of one libcurl transfer handle, used for one request after the other.
///
/// libcurl calls back into it while the loop runs, on the loop's thread; it does not move and outlives the request.
final class CurlTransfer {
  let easy: UnsafeMutableRawPointer
  private let library: CurlLibrary
  private(set) var entry: DeliveryQueue.Entry?
  private var headers: UnsafeMutablePointer<curl_slist>?
  private var sentBytes = 0
  /// When a byte last went or came, or when the request was prepared.
  private(set) var movedAt = ContinuousClock.now
  private var transport = TransportSettings()
  /// Its silence has been reported.
  var isSilenceReported = false
  /// Why the body could not be read; the request is broken off then.
  private var bodyError: PayloadBodyError?
  /// What of the answer's body is kept; nothing where its destination's says nothing.
  private(set) var answer: [UInt8] = []
  private var keepsAnswer = false
  private var answeredBytes = 0
  private let errorText: UnsafeMutablePointer<CChar>

  /// More of an answer than this is not read, and the connection is closed instead.
  private static let answerBytesMax = 64 << 10

  init?(library: CurlLibrary) {
    guard let easy = library.functions.easy_init() else { return nil }
    self.easy = easy
    self.library = library
    errorText = .allocate(capacity: Int(CURL_ERROR_SIZE))
    errorText.initialize(repeating: 0, count: Int(CURL_ERROR_SIZE))
  }

  deinit {
    library.functions.easy_cleanup(easy)
    library.functions.slist_free_all(headers)
    errorText.deallocate()
  }

  /// Makes this the request for `entry`. Answers other than `CURLE_OK` mean that it must not be started.
  func prepare(_ entry: DeliveryQueue.Entry, for destination: Destination) -> CURLcode {
    let transport = destination.transport
    reset()
    self.entry = entry
    movedAt = .now
    self.transport = transport
    keepsAnswer = destination.format == .otlp
    makeHeaders(entry.payload, destination)
    return withUnsafePointer(to: library.functions) { curl in
      var options = CurlOptions(curl: curl, easy: easy)
      options.set(CURLOPT_URL, destination.baseURL + entry.payload.path)
      options.set(CURLOPT_USERAGENT, destination.userAgent)
      options.set(CURLOPT_HTTPHEADER, pointer: headers)
      options.set(CURLOPT_ERRORBUFFER, pointer: errorText)
      options.set(transport, timeout: transport.requestTimeout, usesTLS: destination.usesTLS)
      setBody(entry.payload.body.byteCount, &options)
      return options.status
    }
  }

  /// How the request ended, once libcurl has said so. An answer counts even when the connection broke behind it.
  func result(_ code: CURLcode) -> TransferResult {
    if let bodyError { return .unreadable(bodyError) }
    return withUnsafePointer(to: library.functions) { curl in
      var status = 0
      _ = curl_get_long(curl, easy, CURLINFO_RESPONSE_CODE, &status)
      guard status >= 200 else { return .failure(failureText(code)) }
      var seconds: curl_off_t = 0
      _ = curl_get_size(curl, easy, CURLINFO_RETRY_AFTER, &seconds)
      return .response(status: status, retryAfter: seconds > 0 ? .seconds(Int64(seconds)) : nil)
    }
  }

  /// Forgets the request and releases its payload. The connection stays open for the next one.
  func reset() {
    library.functions.easy_reset(easy)
    library.functions.slist_free_all(headers)
    headers = nil
    entry = nil
    sentBytes = 0
    bodyError = nil
    answer = []
    answeredBytes = 0
    isSilenceReported = false
    errorText[0] = 0
  }

  /// After so long without a byte its silence is reported.
  var silenceMax: Duration { transport.silenceMax }

  /// Time-outs read alike each time: libcurl's own words for them hold the milliseconds that have passed.
  private func failureText(_ code: CURLcode) -> String {
    if code == CURLE_OPERATION_TIMEDOUT {
      let isConnected = sentBytes > 0
      let limit = isConnected ? transport.requestTimeout : transport.connectTimeout
      let text = limit < .seconds(1) ? "\(limit.milliseconds) ms" : "\(limit.components.seconds) s"
      return isConnected ? "no answer within \(text)" : "no connection within \(text)"
    }
    return errorText[0] == 0 ? library.text(code) : String(cString: errorText)
  }
}

extension CurlTransfer {
  private func makeHeaders(_ payload: OutgoingPayload, _ destination: Destination) {
    var lines = [
      "Content-Type: \(payload.contentType)",
      // Without this libcurl asks for permission to send a large body and waits up to a second for it.
      "Expect:",
    ]
    if !payload.contentEncoding.isEmpty { lines.append("Content-Encoding: \(payload.contentEncoding)") }
    lines += (destination.headers + payload.headers).compactMap(\.line)
    for line in lines { headers = library.functions.slist_append(headers, line) }
  }

  private func setBody(_ count: Int, _ options: inout CurlOptions) {
    let context = Unmanaged.passUnretained(self).toOpaque()
    options.set(CURLOPT_POST, 1)
    options.set(CURLOPT_POSTFIELDSIZE_LARGE, size: count)
    options.set(CURLOPT_READDATA, pointer: context)
    options.set(CURLOPT_READFUNCTION) { bytes, size, count, context in
      CurlTransfer.from(context)?.read(UnsafeMutableRawBufferPointer(start: bytes, count: size * count)) ?? 0
    }
    options.set(CURLOPT_SEEKDATA, pointer: context)
    options.setSeek { context, offset, origin in
      CurlTransfer.from(context)?.seek(to: Int(offset), origin) ?? CURL_SEEKFUNC_FAIL
    }
    options.set(CURLOPT_WRITEDATA, pointer: context)
    options.set(CURLOPT_WRITEFUNCTION) { bytes, size, count, context in
      CurlTransfer.from(context)?.take(UnsafeRawBufferPointer(start: bytes, count: size * count)) ?? 0
    }
  }

  private static func from(_ context: UnsafeMutableRawPointer?) -> CurlTransfer? {
    context.map { Unmanaged<CurlTransfer>.fromOpaque($0).takeUnretainedValue() }
  }

  /// Hands the next bytes of the body to libcurl.
  private func read(_ space: UnsafeMutableRawBufferPointer) -> Int {
    guard let entry else { return 0 }
    do throws(PayloadBodyError) {
      let count = try entry.payload.body.read(into: space, at: sentBytes)
      sentBytes += count
      movedAt = .now
      return count
    } catch {
      bodyError = error
      return Int(CURL_READFUNC_ABORT)
    }
  }

  /// libcurl goes back when a kept connection turns out to be closed and the body has to be sent over another one.
  private func seek(to offset: Int, _ origin: Int32) -> Int32 {
    guard origin == SEEK_SET, let entry, (0...entry.payload.body.byteCount).contains(offset) else {
      return CURL_SEEKFUNC_FAIL
    }
    sentBytes = offset
    return CURL_SEEKFUNC_OK
  }

  private func take(_ bytes: UnsafeRawBufferPointer) -> Int {
    answeredBytes += bytes.count
    movedAt = .now
    guard answeredBytes <= Self.answerBytesMax else { return 0 }
    if keepsAnswer { answer += bytes }
    return bytes.count
  }
}
