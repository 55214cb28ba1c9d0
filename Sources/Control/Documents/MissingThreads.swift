/// What is said of receiving threads that did not end a request in time.
package enum MissingThreads {
  /// Where traces are read, a sentence without a final stop; `nil` when no thread is missing.
  package static func note(onTraces threads: UInt64?) -> String? {
    clause(threads).map { "\($0): what came there last is not looked at" }
  }

  /// Who is missing, as a clause: `1 receiving thread did not end a request in time`; `nil` when none is.
  package static func clause(_ threads: UInt64?) -> String? {
    guard let threads, threads > 0 else { return nil }
    return (threads == 1 ? "1 receiving thread" : "\(threads) receiving threads") + " did not end a request in time"
  }
}
