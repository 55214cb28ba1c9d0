import Testing

@testable import Sampling
@testable import TraceModel

@Suite struct `The catalog of services` {
  private static func register(_ names: some Sequence<Int>, in catalog: inout ServiceCatalog) {
    for name in names {
      Array("service-\(name)".utf8).withUnsafeBytes { service in
        _ = catalog.register(service: service, env: UnsafeRawBufferPointer(start: nil, count: 0))
      }
    }
  }

  private static func names(_ catalog: ServiceCatalog) -> Set<String> { Set(catalog.entries.map(\.service)) }

  @Test func `forgets the tenth that was silent longest, all at once`() {
    var catalog = ServiceCatalog(entriesMax: 100)
    Self.register(0..<100, in: &catalog)
    #expect(catalog.evictions == 0)
    // Heard again, so others go.
    Self.register([0, 1], in: &catalog)
    Self.register([100], in: &catalog)
    #expect(catalog.evictions == 10)
    #expect(Self.names(catalog) == Set(([0, 1] + Array(12...100)).map { "service-\($0)" }))
    Self.register(101..<110, in: &catalog)
    #expect(catalog.evictions == 10, "there is room for nine more before it looks at all of them again")
    Self.register([110], in: &catalog)
    #expect(catalog.evictions == 20)
  }

  @Test(arguments: [(1, 1), (9, 1), (10, 1), (20, 2), (5_000, 500)])
  func `looks for the longest silent once for each tenth of its size`(size: Int, batch: Int) {
    var catalog = ServiceCatalog(entriesMax: size)
    Self.register(0..<size, in: &catalog)
    for flood in 0..<3 {
      Self.register([size + flood * batch], in: &catalog)
      #expect(catalog.evictions == UInt64((flood + 1) * batch))
      Self.register((size + flood * batch + 1)..<(size + (flood + 1) * batch), in: &catalog)
      #expect(catalog.evictions == UInt64((flood + 1) * batch))
      #expect(catalog.entries.count == size)
    }
  }

  @Test func `tells services apart that have the same hash`() throws {
    let seed = TableSeed(start: 3, factor: 5)
    var catalog = ServiceCatalog(entriesMax: 10, seed: seed)
    func register(_ service: [UInt8]) -> UInt64 {
      service.withUnsafeBytes { catalog.register(service: $0, env: UnsafeRawBufferPointer(start: nil, count: 0)) }
    }
    // Whoever knows the seed finds them: the second factor is made zero, so that the first does not matter.
    let zeroing = withUnsafeBytes(of: seed.factor.littleEndian) { [UInt8]($0) }
    let (one, other) = ([UInt8](repeating: 0x61, count: 8) + zeroing, [UInt8](repeating: 0x62, count: 8) + zeroing)
    #expect(one.withUnsafeBytes { seed.hash($0) } == other.withUnsafeBytes { seed.hash($0) })
    let (first, second) = (register(one), register(other))
    #expect(first != second)
    #expect(register(one) == first && register(other) == second)
    #expect(catalog.entries.count == 2)
  }
}
