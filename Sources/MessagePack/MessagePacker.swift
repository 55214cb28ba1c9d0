import CMsgPack

/// Writes MessagePack, one value after the other, into a buffer that grows.
///
/// Owns a libmsgpack-c packer and its buffer; both are released with it. Containers are written as a header that
/// promises a number of elements, and then the elements: the packer does not count them. Every integer takes its
/// shortest form. Traps when memory is exhausted, as Swift's own arrays do.
package struct MessagePacker: ~Copyable {
  private let buffer: UnsafeMutablePointer<msgpack_sbuffer>
  private let packer: UnsafeMutablePointer<msgpack_packer>

  package init() {
    guard let buffer = msgpack_sbuffer_new(),
      let packer = msgpack_packer_new(
        buffer, { destination, bytes, count in msgpack_sbuffer_write(destination, bytes, count) })
    else { preconditionFailure("out of memory while packing MessagePack") }
    self.buffer = buffer
    self.packer = packer
  }

  deinit {
    msgpack_packer_free(packer)
    msgpack_sbuffer_free(buffer)
  }

  /// The bytes written so far. Borrows the buffer: no copy is made.
  package func withBytes<Result>(_ body: (UnsafeRawBufferPointer) throws -> Result) rethrows -> Result {
    try body(UnsafeRawBufferPointer(start: buffer.pointee.data, count: buffer.pointee.size))
  }

  /// A copy of the bytes written so far.
  package var bytes: [UInt8] { withBytes { [UInt8]($0) } }

  /// How many bytes have been written so far.
  package var count: Int { buffer.pointee.size }

  /// Forgets what was written and keeps the memory for what comes next.
  package mutating func clear() { msgpack_sbuffer_clear(buffer) }
}

extension MessagePacker {
  /// Opens a map: `count` keys follow, each with its value behind it. `count` is 0 to 2^32 - 1.
  package mutating func map(_ count: Int) { written(msgpack_pack_map(packer, Int(UInt32(clamping: count)))) }

  /// Opens an array: `count` values follow. `count` is 0 to 2^32 - 1.
  package mutating func array(_ count: Int) { written(msgpack_pack_array(packer, Int(UInt32(clamping: count)))) }

  /// Writes a string of UTF-8 text.
  package mutating func string(_ text: String) {
    var text = text
    text.withUTF8 { string(UnsafeRawBufferPointer($0)) }
  }

  /// Writes a string from bytes that are taken as they are, UTF-8 or not.
  package mutating func string(_ bytes: [UInt8]) { bytes.withUnsafeBytes { string($0) } }

  /// Writes a string from bytes that are taken as they are, UTF-8 or not.
  package mutating func string(_ bytes: UnsafeRawBufferPointer) {
    written(msgpack_pack_str(packer, bytes.count))
    body(bytes)
  }

  /// Writes a byte string (MessagePack's `bin`).
  package mutating func binary(_ bytes: [UInt8]) { bytes.withUnsafeBytes { binary($0) } }

  /// Writes a byte string (MessagePack's `bin`).
  package mutating func binary(_ bytes: UnsafeRawBufferPointer) {
    written(msgpack_pack_bin(packer, bytes.count))
    body(bytes)
  }

  /// Writes an application-defined value: a type number and bytes.
  package mutating func ext(type: Int8, _ bytes: [UInt8]) {
    written(msgpack_pack_ext(packer, bytes.count, type))
    bytes.withUnsafeBytes { body($0) }
  }

  /// Writes an unsigned integer in the shortest of its formats.
  package mutating func uint(_ value: UInt64) { written(msgpack_pack_uint64(packer, value)) }

  /// Writes a signed integer; one that is not negative is written as an unsigned one.
  package mutating func int(_ value: Int64) { written(msgpack_pack_int64(packer, value)) }

  /// Writes a 64-bit floating point number.
  package mutating func double(_ value: Double) { written(msgpack_pack_double(packer, value)) }

  /// Writes a bool in its one byte.
  package mutating func bool(_ value: Bool) {
    written(value ? msgpack_pack_true(packer) : msgpack_pack_false(packer))
  }

  /// Writes nil, the absent value.
  package mutating func null() { written(msgpack_pack_nil(packer)) }

  /// The bytes behind a header; libmsgpack-c wants no empty ones, it asserts that there is a pointer.
  private func body(_ bytes: UnsafeRawBufferPointer) {
    guard let start = bytes.baseAddress, !bytes.isEmpty else { return }
    written(msgpack_pack_str_body(packer, start, bytes.count))
  }

  /// libmsgpack-c answers other than 0 only when its buffer could not grow.
  private func written(_ status: Int32) {
    precondition(status == 0, "out of memory while packing MessagePack")
  }
}
