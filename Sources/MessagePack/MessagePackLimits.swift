/// What a reader agrees to take from outside before anything is built from it.
package struct MessagePackLimits: Sendable {
  /// Containers inside containers, at most `depthCeiling`.
  package var depthMax: Int
  /// Longest input in bytes that is looked at.
  package var bytesMax: Int
  /// Values of all kinds in the whole input, keys included: each costs about 24 bytes while it is unpacked.
  package var elementsMax: Int

  /// libmsgpack-c keeps its open containers on a stack of 32, a size set when the library was compiled.
  package static let depthCeiling = 32

  package init(depthMax: Int = depthCeiling, bytesMax: Int = 25 << 20, elementsMax: Int = 1_000_000) {
    self.depthMax = min(depthMax, Self.depthCeiling)
    self.bytesMax = bytesMax
    self.elementsMax = elementsMax
  }
}
