import TraceModel

/// What spans of databases' clients become, by what they call the system. Found out once a part of a request, for
/// each of a few systems: an app asks no more.
struct OTLPDatabases: ~Copyable, Sendable {
  // Not private: the optimizer names it from other modules.
  struct Database: BitwiseCopyable, Sendable {
    /// Its name in the payload, of the first span that has it.
    var system = ByteSlice.empty
    /// By the newer names; empty with the older ones, which have no names of their own for databases.
    var operation = ByteSlice.empty
    var type = OTLPText.database
  }

  private var known = GrowableBuffer<Database>()
  /// Those beyond are found out for each span: what is here is looked at one by one.
  private static let countMax = 8

  /// For a batch that is empty yet.
  mutating func begin() { known.removeAll() }

  func find(_ system: ByteSlice, _ batch: borrowing SpanBatch) -> Database? {
    for index in 0..<known.count where known[index].system.length == system.length {
      if batch.equal(known[index].system, system) { return known[index] }
    }
    return nil
  }

  mutating func note(_ database: Database) {
    if known.count < Self.countMax, known.reserve(1) { known.append(database) }
  }
}
