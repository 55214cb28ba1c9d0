import Platform

/// The bytes of a payload, wherever they are kept. A handle: copies share what is behind it.
package enum PayloadBody: Sendable {
  /// In memory, as it was compressed.
  case memory([UInt8])
  /// In a file, from which they are read piece by piece while they are sent.
  case file(PayloadFile)

  /// Bytes that go over the wire.
  package var byteCount: Int {
    switch self {
    case .memory(let bytes): bytes.count
    case .file(let file): file.byteCount
    }
  }

  /// Bytes of memory that it takes as long as it is held; a file takes none.
  package var memoryBytes: Int {
    switch self {
    case .memory(let bytes): bytes.count
    case .file: 0
    }
  }

  /// Copies bytes into `space`, from `offset` on: as many as it holds, fewer only at the end of the body.
  ///
  /// - Parameter offset: from 0 to `byteCount`.
  /// - Returns: the number of bytes copied; 0 at the end.
  /// - Throws: when a file cannot be read, or has become shorter.
  package func read(into space: UnsafeMutableRawBufferPointer, at offset: Int) throws(PayloadBodyError) -> Int {
    precondition((0...byteCount).contains(offset), "an offset outside of the body")
    let count = min(space.count, byteCount - offset)
    guard count > 0 else { return 0 }
    switch self {
    case .memory(let bytes):
      bytes.withUnsafeBytes { body in
        space.copyMemory(from: UnsafeRawBufferPointer(rebasing: body[offset..<offset + count]))
      }
    case .file(let file):
      try file.read(into: UnsafeMutableRawBufferPointer(rebasing: space[..<count]), at: offset)
    }
    return count
  }

  /// All bytes at once, read into memory where they are in a file.
  func whole() throws(PayloadBodyError) -> [UInt8] {
    if case .memory(let bytes) = self { return bytes }
    var failure: PayloadBodyError?
    let bytes = [UInt8](unsafeUninitializedCapacity: byteCount) { space, count in
      do throws(PayloadBodyError) {
        count = try read(into: UnsafeMutableRawBufferPointer(space), at: 0)
      } catch {
        failure = error
      }
    }
    if let failure { throw failure }
    return bytes
  }
}

/// Why the bytes of a payload cannot be had.
package enum PayloadBodyError: Error, Equatable {
  /// The file cannot be opened or read.
  case unreadable(SystemError)
  /// The file has fewer bytes than when it was opened.
  case shortened
}

extension PayloadBodyError: CustomStringConvertible {
  package var description: String {
    switch self {
    case .unreadable(let error): "the payload cannot be read from its file: \(error)"
    case .shortened: "the payload's file has become shorter"
    }
  }
}
