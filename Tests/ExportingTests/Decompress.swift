import Compression

/// The bytes that a payload's body holds.
func decompress(_ body: [UInt8], _ format: PayloadCompression) throws -> [UInt8] {
  var inflater = BodyInflater()
  let encoding = try format.contentEncoding.utf8.withContiguousStorageIfAvailable { name in
    try ContentEncoding(header: UnsafeRawBufferPointer(name))
  }
  return try body.withUnsafeBytes { bytes in
    [UInt8](try inflater.inflate(bytes, encoding: encoding ?? .identity, bytesMax: 4_000_000))
  }
}
