extension SpanBatch {
  /// The bytes of a slice. Valid until something is added to the side arena or the request ends.
  @inline(__always) @inlinable public func bytes(_ slice: ByteSlice) -> UnsafeRawBufferPointer {
    let start = slice.offset
    let length = Int(slice.length)
    if slice.isInSideArena {
      precondition(start + length <= sideArena.count)
      return unsafe UnsafeRawBufferPointer(
        rebasing: UnsafeRawBufferPointer(sideArena.pointer)[start..<start + length])
    }
    unsafe precondition(start + length <= body.count)
    return unsafe UnsafeRawBufferPointer(rebasing: body[start..<start + length])
  }

  /// Where the batch's texts lie, for loops that read many of them. Valid until something is added to the side arena or the
  /// request ends.
  @inline(__always) @inlinable public var texts: BatchTexts {
    unsafe BatchTexts(body: body, sideArena: UnsafeRawBufferPointer(sideArena.pointer))
  }

  /// Copies bytes from outside the batch into the side arena. `bytes` must not lie in the side arena.
  public mutating func addBytes(_ bytes: UnsafeRawBufferPointer) -> ByteSlice {
    let offset = sideArena.count
    unsafe sideArena.append(contentsOf: bytes.bindMemory(to: UInt8.self))
    return ByteSlice(sideOffset: offset, length: bytes.count)
  }

  /// Copies a literal into the side arena.
  public mutating func addText(_ text: StaticString) -> ByteSlice {
    unsafe addBytes(UnsafeRawBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
  }

  /// Copies an array into the side arena.
  public mutating func addBytes(_ bytes: [UInt8]) -> ByteSlice {
    unsafe bytes.withUnsafeBytes { unsafe addBytes($0) }
  }

  /// What its sender calls a span: its own name where it has one, else its resource, else its operation.
  @inline(__always) @inlinable public func title(of span: SpanRecord) -> ByteSlice {
    if span.ownName > 0 { return ownNames[Int(span.ownName) &- 1] }
    return span.resource.isEmpty ? span.name : span.resource
  }

  /// Changes a span's own name, if it has one, as its resource is changed.
  @inline(__always) @inlinable public mutating func changeOwnName(
    ofSpanAt index: Int, _ change: (ByteSlice, inout SpanBatch) -> ByteSlice
  ) {
    let place = Int(spans[index].ownName) &- 1
    if place >= 0 { ownNames[place] = change(ownNames[place], &self) }
  }

  /// A slice's text, for messages and answers to people.
  public func text(_ slice: ByteSlice) -> String {
    unsafe String(decoding: bytes(slice), as: UTF8.self)
  }

  /// Whether two slices of this batch hold the same bytes.
  @inline(__always) @inlinable public func equal(_ a: ByteSlice, _ b: ByteSlice) -> Bool {
    if a == b { return true }
    guard a.length == b.length else { return false }
    return unsafe ByteString.equal(bytes(a), bytes(b))
  }

  /// Whether a slice spells a literal; without a copy.
  public func equal(_ a: ByteSlice, _ text: StaticString) -> Bool {
    unsafe ByteString.equal(bytes(a), text)
  }

  /// A copy of a string of the body with each byte that is not part of a UTF-8 character replaced by U+FFFD, as the
  /// Datadog agent does on decoding. `nil` when the system has no memory for it.
  public mutating func addRepairedUTF8(_ broken: UnsafeRawBufferPointer) -> ByteSlice? {
    let start = sideArena.count
    var offset = 0
    while offset < broken.count {
      guard sideArena.reserve(ByteString.characterBytesMax) else { return nil }
      let length = unsafe ByteString.characterLength(broken, at: offset)
      if length == 0 {
        sideArena.append(0xEF)
        sideArena.append(0xBF)
        sideArena.append(0xBD)
        offset += 1
      } else {
        for index in offset..<offset + length { sideArena.append(unsafe broken[index]) }
        offset += length
      }
    }
    return ByteSlice(sideOffset: start, length: sideArena.count - start)
  }
}

/// The bytes of a batch, apart from it: for each text of a loop only these two places are looked at.
@safe
public struct BatchTexts: BitwiseCopyable {
  @usableFromInline let body: UnsafeRawBufferPointer
  @usableFromInline let sideArena: UnsafeRawBufferPointer

  @inline(__always) @inlinable init(body: UnsafeRawBufferPointer, sideArena: UnsafeRawBufferPointer) {
    unsafe self.body = body
    unsafe self.sideArena = sideArena
  }

  /// The bytes of a slice.
  @inline(__always) @inlinable public subscript(_ slice: ByteSlice) -> UnsafeRawBufferPointer {
    let whole = unsafe slice.isInSideArena ? sideArena : body
    let (start, length) = (slice.offset, Int(slice.length))
    precondition(start &+ length <= whole.count)
    return unsafe UnsafeRawBufferPointer(start: whole.baseAddress.map { unsafe $0 + start }, count: length)
  }
}
