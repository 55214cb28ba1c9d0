import Platform

/// Owns the headers of one call, copied: libnghttp2 forgets them.
struct HeaderList: ~Copyable {
  private struct Entry {
    let offset: Int
    let nameBytes: Int
    let valueBytes: Int
  }

  /// Per header, in the sizes that HTTP/2 goes by (RFC 9113, 10.5.1).
  private static let overheadBytes = 32
  /// Enough for what an exporter sends.
  private static let firstBytes = 512

  private var storage = UnsafeMutableRawBufferPointer(start: nil, count: 0)
  private var used = 0
  private var entries: [Entry] = []
  /// Bytes of the list as HTTP/2 counts them.
  private(set) var size = 0

  /// Bytes of memory that it takes.
  var heldBytes: Int { storage.count + entries.count * Self.overheadBytes }

  deinit { free(storage.baseAddress) }

  /// Bytes of memory that it takes more, to hold another header.
  func growth(toAppend name: UnsafeRawBufferPointer, _ value: UnsafeRawBufferPointer) -> Int {
    let needed = used + name.count + value.count
    return Self.overheadBytes + (needed > storage.count ? grown(toHold: needed) - storage.count : 0)
  }

  /// Adds a header.
  /// - Returns: false, and nothing is added, when the list would be larger than `bytesMax`, or without memory.
  mutating func append(_ name: UnsafeRawBufferPointer, _ value: UnsafeRawBufferPointer, bytesMax: Int) -> Bool {
    let bytes = name.count + value.count
    guard size + bytes + Self.overheadBytes <= bytesMax, reserve(bytes) else { return false }
    UnsafeMutableRawBufferPointer(rebasing: storage[used..<used + name.count]).copyMemory(from: name)
    UnsafeMutableRawBufferPointer(rebasing: storage[used + name.count..<used + bytes]).copyMemory(from: value)
    entries.append(Entry(offset: used, nameBytes: name.count, valueBytes: value.count))
    used += bytes
    size += bytes + Self.overheadBytes
    return true
  }

  /// Whoever reads a header goes by the first of a name. Valid as long as nothing is appended.
  func first(_ name: StaticString) -> UnsafeRawBufferPointer? {
    let wanted = UnsafeRawBufferPointer(start: name.utf8Start, count: name.utf8CodeUnitCount)
    for entry in entries where entry.nameBytes == wanted.count && self.name(of: entry).elementsEqual(wanted) {
      return value(of: entry)
    }
    return nil
  }

  /// Calls `body` with each name, in small letters, and its value, in the order in which they came.
  func forEach(_ body: (_ name: UnsafeRawBufferPointer, _ value: UnsafeRawBufferPointer) -> Void) {
    for entry in entries { body(name(of: entry), value(of: entry)) }
  }

  private func name(of entry: Entry) -> UnsafeRawBufferPointer {
    UnsafeRawBufferPointer(rebasing: storage[entry.offset..<entry.offset + entry.nameBytes])
  }

  private func value(of entry: Entry) -> UnsafeRawBufferPointer {
    let start = entry.offset + entry.nameBytes
    return UnsafeRawBufferPointer(rebasing: storage[start..<start + entry.valueBytes])
  }

  private func grown(toHold needed: Int) -> Int { max(Self.firstBytes, 2 * storage.count, needed) }

  private mutating func reserve(_ bytes: Int) -> Bool {
    guard used + bytes > storage.count else { return true }
    let wanted = grown(toHold: used + bytes)
    // Unlike Swift's own allocation, this does not end the process when a limit on its memory is reached.
    guard let grown = realloc(storage.baseAddress, wanted) else { return false }
    storage = UnsafeMutableRawBufferPointer(start: grown, count: wanted)
    return true
  }
}
