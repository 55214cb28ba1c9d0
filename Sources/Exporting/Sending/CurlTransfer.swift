import CCurl
import Platform

/// Sends one payload after the other over one handle of libcurl.
///
/// libcurl calls back into it while the loop runs, on the loop's thread; it does not move and outlives the request.
final class CurlTransfer {
  private let handle: CurlHandle
  /// By which libcurl knows it.
  var easy: UnsafeMutableRawPointer { handle.easy }
  private(set) var entry: DeliveryQueue.Entry?
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

  /// More of an answer than this is not read, and the connection is closed instead.
  private static let answerBytesMax = 64 << 10

  init?(library: CurlLibrary) {
    guard let handle = CurlHandle(library: library) else { return nil }
    self.handle = handle
  }

  /// Makes this the request for `entry`. Answers other than `CURLE_OK` mean that it must not be started.
  func prepare(_ entry: DeliveryQueue.Entry, for destination: Destination) -> CURLcode {
    let transport = destination.transport
    reset()
    self.entry = entry
    movedAt = .now
    self.transport = transport
    keepsAnswer = destination.format == .otlp
    let payload = entry.payload
    return handle.prepare(
      url: destination.baseURL + payload.path, headers: Self.headers(payload, destination)
    ) { options in
      options.set(CURLOPT_USERAGENT, destination.userAgent)
      options.set(transport, timeout: transport.requestTimeout, usesTLS: destination.usesTLS)
      setBody(payload.body.byteCount, &options)
    }
  }

  /// How the request ended, once libcurl has said so. An answer counts even when the connection broke behind it.
  func result(_ code: CURLcode) -> TransferResult {
    if let bodyError { return .unreadable(bodyError) }
    let status = handle.number(CURLINFO_RESPONSE_CODE)
    guard status >= 200 else { return .failure(failureText(code)) }
    let seconds = handle.size(CURLINFO_RETRY_AFTER)
    return .response(status: status, retryAfter: seconds > 0 ? .seconds(seconds) : nil)
  }

  /// Forgets the request and releases its payload. The connection stays open for the next one.
  func reset() {
    handle.reset()
    entry = nil
    sentBytes = 0
    bodyError = nil
    answer = []
    answeredBytes = 0
    isSilenceReported = false
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
    return handle.text(code)
  }
}

extension CurlTransfer {
  private static func headers(_ payload: OutgoingPayload, _ destination: Destination) -> [String] {
    var lines = [
      "Content-Type: \(payload.contentType)",
      // Without this libcurl asks for permission to send a large body and waits up to a second for it.
      "Expect:",
    ]
    if !payload.contentEncoding.isEmpty { lines.append("Content-Encoding: \(payload.contentEncoding)") }
    return lines + (destination.headers + payload.headers).compactMap(\.line)
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
