import Platform

#if !canImport(Darwin)
  import CRemap
#endif

/// Owns the memory of one body: a block of the heap, or pages of its own where it is large.
///
/// On Linux pages of its own grow without being copied. A copy of 4 MB to pages that were never touched takes milliseconds,
/// ten where a virtual machine's host has to find the memory first, and no other client is answered meanwhile.
struct BodyMemory: ~Copyable {
  /// From so many bytes on a body has pages of its own. With less, which one that declares its length never outgrows, the
  /// heap's memory is warm.
  static let ownPagesBytesMin = 1 << 20

  private(set) var bytes: UnsafeMutableRawBufferPointer

  /// - Returns: `nil` when the system has no memory for it. Unlike with Swift's own allocation, the process goes on when a
  ///   limit on its memory is reached.
  init?(bytes count: Int) {
    guard let made = Self.allocate(count) else { return nil }
    bytes = made
  }

  deinit { Self.release(bytes) }

  /// Grows to so many bytes, of which the first `kept` are as they were.
  /// - Returns: false, and nothing has changed, when the system has no memory for it.
  mutating func grow(to count: Int, keeping kept: Int) -> Bool {
    #if !canImport(Darwin)
      if bytes.count >= Self.ownPagesBytesMin {
        guard let start = roost_remap(bytes.baseAddress, bytes.count, count), start != MAP_FAILED else { return false }
        bytes = UnsafeMutableRawBufferPointer(start: start, count: count)
        return true
      }
    #endif
    guard let larger = Self.allocate(count) else { return false }
    larger.copyMemory(from: UnsafeRawBufferPointer(rebasing: bytes[..<kept]))
    Self.release(bytes)
    bytes = larger
    return true
  }

  private static func allocate(_ count: Int) -> UnsafeMutableRawBufferPointer? {
    guard count >= ownPagesBytesMin else {
      return malloc(count).map { UnsafeMutableRawBufferPointer(start: $0, count: count) }
    }
    let start = mmap(nil, count, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANON, -1, 0)
    guard let start, start != MAP_FAILED else { return nil }
    return UnsafeMutableRawBufferPointer(start: start, count: count)
  }

  private static func release(_ bytes: UnsafeMutableRawBufferPointer) {
    if bytes.count >= ownPagesBytesMin {
      munmap(bytes.baseAddress, bytes.count)
    } else {
      free(bytes.baseAddress)
    }
  }
}
