/// Why a query cannot be understood, and where.
package struct TraceQueryError: Error, Sendable, Equatable, CustomStringConvertible {
  /// Unicode scalars before the one that does not fit; all of the query's when something is missing at its end.
  package let position: Int
  /// One sentence for a person, without a final stop.
  package let message: String

  /// The sentence alone, without the place.
  package var description: String { message }

  init(_ position: Int, _ message: String) {
    self.position = position
    self.message = message
  }
}
