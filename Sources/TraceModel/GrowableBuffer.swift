import Platform

/// A growable run of plain values that owns its memory and is reused from request to request.
///
/// Unlike `Array` it has one owner, so an append needs no uniqueness check; and where the system may have no memory left,
/// `reserve` says so, while an append that needs more ends the process. Growth doubles; `removeAll` keeps the memory
/// unless it is larger than what the caller wants to keep, so one huge request does not pin its memory.
@safe
public struct GrowableBuffer<Element: BitwiseCopyable>: ~Copyable {
  @usableFromInline var base: UnsafeMutablePointer<Element>?
  /// Elements in use, at most as many as memory is held for.
  public var count: Int
  @usableFromInline var capacity: Int

  @inlinable public init() {
    unsafe base = nil
    count = 0
    capacity = 0
  }

  deinit { unsafe free(base) }

  /// Whether no element is in use.
  @inlinable public var isEmpty: Bool { count == 0 }

  /// Bytes held, used or not.
  public var allocatedBytes: Int { capacity * MemoryLayout<Element>.stride }

  @inlinable public subscript(index: Int) -> Element {
    get {
      precondition(index >= 0 && index < count)
      return unsafe base.unsafelyUnwrapped[index]
    }
    _modify {
      precondition(index >= 0 && index < count)
      yield unsafe &base.unsafelyUnwrapped[index]
    }
  }

  /// Makes sure that so many more elements fit; false, and nothing has changed, when the system has no memory for them.
  @inline(__always) @inlinable public mutating func reserve(_ extra: Int) -> Bool {
    capacity &- count >= extra || grow(by: extra)
  }

  /// Adds one element; amortized O(1).
  @inlinable public mutating func append(_ element: Element) {
    if count == capacity { growOrStop(by: 1) }
    unsafe (base.unsafelyUnwrapped + count).initialize(to: element)
    count &+= 1
  }

  /// Appends a copy of `bytes`. O(bytes).
  @inlinable public mutating func append(contentsOf other: UnsafeBufferPointer<Element>) {
    guard let source = other.baseAddress, other.count > 0 else { return }
    if capacity - count < other.count { growOrStop(by: other.count) }
    unsafe (base.unsafelyUnwrapped + count).initialize(from: source, count: other.count)
    count += other.count
  }

  /// Adds places for so many elements, one at least, which the caller has to fill before anything reads them.
  @inline(__always) @inlinable public mutating func appendPlaces(_ extra: Int) -> UnsafeMutablePointer<Element> {
    precondition(extra > 0)
    if capacity &- count < extra { growOrStop(by: extra) }
    let first = unsafe base.unsafelyUnwrapped + count
    count &+= extra
    return unsafe first
  }

  /// Appends copies of elements that it holds already. O(elements).
  @inlinable public mutating func append(copiesOf range: Range<Int>) {
    precondition(range.lowerBound >= 0 && range.upperBound <= count)
    if capacity - count < range.count { growOrStop(by: range.count) }
    guard let base = unsafe base else { return }
    // They end before the first free place.
    unsafe (base + count).initialize(from: base + range.lowerBound, count: range.count)
    count += range.count
  }

  /// Appends `extra` copies of `element`.
  public mutating func append(repeating element: Element, count extra: Int) {
    if capacity - count < extra { growOrStop(by: extra) }
    guard let base = unsafe base else { return }
    unsafe (base + count).initialize(repeating: element, count: extra)
    count += extra
  }

  /// Drops everything from `newCount` on. Memory is kept.
  @inlinable public mutating func truncate(to newCount: Int) {
    precondition(newCount >= 0 && newCount <= count)
    count = newCount
  }

  /// Empties the buffer; gives memory back when more than `keepingBytes` is held.
  public mutating func removeAll(keepingBytes: Int = .max) {
    count = 0
    if allocatedBytes > keepingBytes {
      unsafe free(base)
      unsafe base = nil
      capacity = 0
    }
  }

  /// The elements in use. Valid until the next change.
  @inlinable public var pointer: UnsafeBufferPointer<Element> {
    unsafe UnsafeBufferPointer(start: base, count: count)
  }

  /// The elements in use, to be changed in place. Valid until the next append.
  @inlinable public var mutablePointer: UnsafeMutableBufferPointer<Element> {
    unsafe UnsafeMutableBufferPointer(start: base, count: count)
  }

  // Never inlined, both: they are rare, and would make every append a large piece of code.
  @inline(never) @usableFromInline mutating func growOrStop(by extra: Int) {
    precondition(grow(by: extra), "no memory for a growing buffer")
  }

  @inline(never) @usableFromInline mutating func grow(by extra: Int) -> Bool {
    let (needed, tooMany) = count.addingReportingOverflow(extra)
    let wanted = max(needed, capacity * 2, 16)
    let (bytes, tooLarge) = wanted.multipliedReportingOverflow(by: MemoryLayout<Element>.stride)
    guard !tooMany, !tooLarge, let grown = unsafe realloc(base, bytes) else { return false }
    unsafe base = grown.assumingMemoryBound(to: Element.self)
    capacity = wanted
    return true
  }
}

// One owner at a time; nothing in it is tied to a thread.
extension GrowableBuffer: @unchecked Sendable where Element: Sendable {}
