import CNGHTTP2
import Platform

/// Reads what a server of HTTP/2 sends, and keeps what it says of each stream and of the connection.
package final class ServerFrames {
  /// What became of a call.
  package struct Stream: Equatable {
    /// Of the beginning and of the end.
    package var headers: [String: String] = [:]
    package var data: [UInt8] = []
    package var isEnded = false
    package var resetCode: UInt32?

    /// The number of `grpc-status`; `nil` before the end.
    package var status: Int? { headers["grpc-status"].flatMap { Int($0) } }
    /// The message of the answer, without its prefix.
    package var message: [UInt8] { Array(data.dropFirst(5)) }
  }

  package private(set) var streams: [UInt32: Stream] = [:]
  package private(set) var settings: [UInt16: UInt32] = [:]
  /// Frames that acknowledge a ping.
  package private(set) var pongs = 0
  /// Bytes that were given back to the connection's window.
  package private(set) var windowBytes: UInt32 = 0
  /// Why the connection ends, and the last stream that counts.
  package private(set) var goAway: (code: UInt32, last: UInt32)?

  private var pending: [UInt8] = []
  private let inflater = HeaderInflater()

  package init() {}

  /// A stream as it is now.
  package subscript(_ stream: UInt32) -> Stream { streams[stream] ?? Stream() }

  package func take(_ bytes: some Sequence<UInt8>) {
    pending += bytes
    while pending.count >= 9 {
      let length = Int(Self.number(pending[..<3]))
      guard pending.count >= 9 + length else { return }
      take(
        type: pending[3], flags: pending[4], stream: Self.number(pending[5..<9]) & 0x7FFF_FFFF,
        Array(pending[9..<9 + length]))
      pending.removeFirst(9 + length)
    }
  }

  private func take(type: UInt8, flags: UInt8, stream: UInt32, _ payload: [UInt8]) {
    switch type {
    case 0: streams[stream, default: Stream()].data += payload
    case 1: streams[stream, default: Stream()].headers.merge(inflater.read(payload)) { $1 }
    case 3: streams[stream, default: Stream()].resetCode = Self.number(payload[...])
    case 4 where flags & ClientFrame.ack == 0:
      for start in stride(from: 0, to: payload.count, by: 6) {
        settings[UInt16(Self.number(payload[start..<start + 2]))] = Self.number(payload[start + 2..<start + 6])
      }
    case 6 where flags & ClientFrame.ack != 0: pongs += 1
    case 7: goAway = (Self.number(payload[4..<8]), Self.number(payload[..<4]))
    case 8 where stream == 0: windowBytes += Self.number(payload[...])
    default: break
    }
    if type < 2, flags & ClientFrame.endStream != 0 { streams[stream, default: Stream()].isEnded = true }
  }

  private static func number(_ bytes: ArraySlice<UInt8>) -> UInt32 { bytes.reduce(0) { $0 << 8 | UInt32($1) } }
}

/// libnghttp2's reader of header blocks.
private final class HeaderInflater {
  private typealias Make = @convention(c) (UnsafeMutablePointer<OpaquePointer?>?) -> Int32
  private typealias Read =
    @convention(c) (
      OpaquePointer?, UnsafeMutablePointer<nghttp2_nv>?, UnsafeMutablePointer<Int32>?, UnsafePointer<UInt8>?, Int, Int32
    ) -> Int
  private typealias End = @convention(c) (OpaquePointer?) -> Int32
  private typealias Delete = @convention(c) (OpaquePointer?) -> Void

  #if canImport(Darwin)
    private static let names = [
      "/opt/homebrew/opt/libnghttp2/lib/libnghttp2.14.dylib", "/usr/local/opt/libnghttp2/lib/libnghttp2.14.dylib",
    ]
  #else
    private static let names = ["libnghttp2.so.14"]
  #endif

  private let library = names.lazy.compactMap { dlopen($0, RTLD_NOW) }.first
  private var inflater: OpaquePointer?

  init() { _ = function("nghttp2_hd_inflate_new", Make.self)?(&inflater) }

  deinit { function("nghttp2_hd_inflate_del", Delete.self)?(inflater) }

  private func function<Type>(_ name: String, _ type: Type.Type) -> Type? {
    dlsym(library, name).map { unsafeBitCast($0, to: Type.self) }
  }

  func read(_ block: [UInt8]) -> [String: String] {
    guard let read = function("nghttp2_hd_inflate_hd2", Read.self) else { return [:] }
    var fields: [String: String] = [:]
    var offset = 0
    while true {
      var (field, flags) = (nghttp2_nv(), Int32(0))
      let count = block[offset...].withUnsafeBufferPointer {
        read(inflater, &field, &flags, $0.baseAddress, $0.count, 1)
      }
      guard count >= 0 else { return fields }
      offset += count
      if flags & Int32(NGHTTP2_HD_INFLATE_EMIT.rawValue) != 0 {
        fields[Self.text(field.name, field.namelen)] = Self.text(field.value, field.valuelen)
      }
      if flags & Int32(NGHTTP2_HD_INFLATE_FINAL.rawValue) != 0 { break }
    }
    _ = function("nghttp2_hd_inflate_end_headers", End.self)?(inflater)
    return fields
  }

  private static func text(_ start: UnsafeMutablePointer<UInt8>?, _ count: Int) -> String {
    String(decoding: UnsafeBufferPointer(start: start, count: count), as: UTF8.self)
  }
}
