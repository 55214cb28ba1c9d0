/// The file that keeps the statistics, and whether it takes them.
package struct StoreSummary: Sendable, Equatable, Codable {
  /// The path of the file, as configured.
  package var path: String
  /// Buckets of statistics written since the agent started: one each for each receiving thread.
  package var writtenBuckets: UInt64 = 0
  /// Buckets that could not be written, or were too many at once.
  package var lostBuckets: UInt64 = 0
  /// Why writing failed the last time; `nil` while it works.
  package var failure: String?

  /// Nothing written yet, to be filled in.
  package init(path: String) { self.path = path }
}
