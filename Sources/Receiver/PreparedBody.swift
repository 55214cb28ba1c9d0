import CMicroHTTPD

/// One header line of an answer.
package struct AnswerHeader: Sendable, Hashable {
  package var name: String
  package var value: String

  package init(_ name: String, _ value: String) {
    self.name = name
    self.value = value
  }
}

/// The body of an answer together with its fixed headers, ready to be sent any number of times from any thread.
///
/// Making one costs a few allocations, sending it none: keep those that are answered often.
package final class PreparedBody: Sendable {
  /// libmicrohttpd counts the references of its responses with a lock of its own, so sharing one is safe.
  private nonisolated(unsafe) let response: OpaquePointer?
  private let storage: BodyBytes
  private let headers: [AnswerHeader]

  /// - Parameters:
  ///   - bytes: the body; copied once.
  ///   - contentType: the value of `Content-Type`.
  ///   - headers: further headers that every answer with this body carries.
  package init(_ bytes: some Collection<UInt8>, contentType: String, headers: [AnswerHeader] = []) {
    storage = BodyBytes(bytes)
    self.headers = [AnswerHeader("Content-Type", contentType)] + headers
    response = Self.makeResponse(storage, self.headers)
  }

  /// A body of plain text in UTF-8.
  package convenience init(text: String, headers: [AnswerHeader] = []) {
    self.init(Array(text.utf8), contentType: "text/plain; charset=utf-8", headers: headers)
  }

  deinit {
    if let response { MHD_destroy_response(response) }
  }

  /// Length of the body in bytes.
  package var count: Int { storage.buffer.count }

  /// The body itself; valid as long as this object lives.
  var bytes: UnsafeRawBufferPointer { UnsafeRawBufferPointer(storage.buffer) }

  /// The body as a text without its line ends.
  var text: String {
    String(decoding: storage.buffer.prefix { $0 != UInt8(ascii: "\n") }, as: UTF8.self)
  }

  /// Queues the answer on the worker's own thread.
  func queue(on connection: OpaquePointer, status: UInt16, extraHeaders: [AnswerHeader]) -> MHD_Result {
    if extraHeaders.isEmpty {
      return MHD_queue_response(connection, UInt32(status), response)
    }
    guard let fresh = Self.makeResponse(storage, headers + extraHeaders) else { return .NO }
    defer { MHD_destroy_response(fresh) }
    return MHD_queue_response(connection, UInt32(status), fresh)
  }

  /// The answer as bytes, for a connection that libmicrohttpd takes none for.
  func rawAnswer(status: UInt16, extraHeaders: [AnswerHeader]) -> [UInt8] {
    RawAnswer.bytes(status: status, headers: headers + extraHeaders, body: bytes)
  }

  /// `nil` without memory or the library. libmicrohttpd keeps the bytes alive for as long as it sends them, which may be
  /// longer than this object lives.
  private static func makeResponse(_ bytes: BodyBytes, _ headers: [AnswerHeader]) -> OpaquePointer? {
    let retained = Unmanaged.passRetained(bytes)
    let made = roost_mhd_response(
      bytes.buffer.count, bytes.buffer.baseAddress,
      { context in context.map { Unmanaged<BodyBytes>.fromOpaque($0).release() } }, retained.toOpaque())
    guard let made else {
      retained.release()
      return nil
    }
    for header in headers { MHD_add_response_header(made, header.name, header.value) }
    return made
  }
}

/// The bytes of a body, shared between responses.
private final class BodyBytes: Sendable {
  nonisolated(unsafe) let buffer: UnsafeMutableRawBufferPointer

  init(_ bytes: some Collection<UInt8>) {
    buffer = .allocate(byteCount: bytes.count, alignment: 1)
    buffer.copyBytes(from: bytes)
  }

  deinit { buffer.deallocate() }
}
