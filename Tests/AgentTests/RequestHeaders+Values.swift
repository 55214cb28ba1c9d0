@testable import Receiver

extension RequestHeaders {
  /// Lends headers with these values to a test.
  @discardableResult
  static func with<Result>(_ values: [KnownHeader: String], _ use: (RequestHeaders) throws -> Result) rethrows -> Result
  {
    let slots = UnsafeMutablePointer<UnsafeRawBufferPointer>.allocate(capacity: KnownHeader.allCases.count)
    slots.initialize(repeating: UnsafeRawBufferPointer(start: nil, count: 0), count: KnownHeader.allCases.count)
    let copies = values.map { header, text in
      // An empty value was sent all the same, and so has an address.
      let copy = UnsafeMutableRawBufferPointer.allocate(byteCount: max(1, text.utf8.count), alignment: 1)
      copy.copyBytes(from: text.utf8)
      slots[Int(header.rawValue)] = UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer(copy)[..<text.utf8.count])
      return copy
    }
    defer {
      copies.forEach { $0.deallocate() }
      slots.deallocate()
    }
    return try use(RequestHeaders(slots: slots))
  }
}
