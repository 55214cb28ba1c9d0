import Obfuscation
import Patterns
import TraceModel

/// What processing needs to know of a request.
package struct RequestFacts: Sendable {
  /// Now, in ns since 1970.
  package var nowNs: Int64
  /// The tracer's language, for the name of spans without a service.
  package var language: ByteSlice
  /// The tracer marked top-level spans itself (`Datadog-Client-Computed-Top-Level`).
  package var clientComputedTopLevel: Bool

  package init(nowNs: Int64, language: ByteSlice, clientComputedTopLevel: Bool) {
    self.nowNs = nowNs
    self.language = language
    self.clientComputedTopLevel = clientComputedTopLevel
  }
}

/// What the steps of one processor share: the request at hand, and scratch memory that is reused from chunk to chunk.
package struct ProcessingContext: ~Copyable, Sendable {
  /// The request whose chunks are being processed.
  package internal(set) var request: RequestFacts
  /// Where the chunk's spans lie, by their ids. The step that normalizes fills it; it holds for all steps behind.
  var spanIDs = SpanIDIndex()
  var tags = TagNormalizer()
  var names = NameNormalizer()
  var cycles = ParentCycles()
  /// What the steps found wrong with the traces of the request at hand, to be told to somebody.
  var faults = TraceFaults()
  /// Made by the step that obfuscates, with the first request.
  var obfuscator: Obfuscator?
  /// What the step that obfuscates writes, and what it has written for the request at hand.
  var rewriting = Rewriting()
  /// What rules with patterns match with.
  var patterns = PatternMatcher()

  init(_ request: RequestFacts) {
    self.request = request
  }
}
