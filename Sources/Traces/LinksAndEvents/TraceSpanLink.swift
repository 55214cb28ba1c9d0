/// A causal link to a span of this or another trace.
package struct TraceSpanLink: Sendable, Equatable {
  /// 0 with a `spanID` of 0 for a link to something that is no span, such as a file (a *span pointer*).
  package var traceID: TraceID
  package var spanID: UInt64
  package var tracestate: String
  /// W3C's trace flags; bit 0 says that the linked trace is sampled. `nil` where the client sent none.
  package var flags: UInt32?
  /// Attributes that the client left out, as it says.
  package var droppedAttributes: UInt32
  package var attributes: [TraceAttribute]

  /// A link to a span.
  package init(
    traceID: TraceID, spanID: UInt64, tracestate: String = "", flags: UInt32? = nil, droppedAttributes: UInt32 = 0,
    attributes: [TraceAttribute] = []
  ) {
    self.traceID = traceID
    self.spanID = spanID
    self.tracestate = tracestate
    self.flags = flags
    self.droppedAttributes = droppedAttributes
    self.attributes = attributes
  }

  /// Flags as v0.4 and the intake's protobuf carry them, where 0 stands for none and bit 31 marks those that were sent.
  package static func flags(marked number: UInt64) -> UInt32? {
    number == 0 ? nil : UInt32(truncatingIfNeeded: number & 0x7FFF_FFFF)
  }

  /// Whether it leads to something that is no span.
  package var isPointer: Bool { traceID == TraceID(high: 0, low: 0) && spanID == 0 }
}
