import Testing

@testable import Platform

@Suite struct `The address space` {
  @Test func `has place for a page, and not for more than there are addresses`() {
    #expect(AddressSpace.canTake(1) && AddressSpace.canTake(0))
    #expect(!AddressSpace.canTake(1 << 60))
  }
}
