import Decoding
import MessagePack

/// What roost's decoder and the reference make of the same bytes.
package enum Verdict {
  case bothAccept
  case bothRefuse
  /// The reference gave up on a limit that roost does not have.
  case undecided
  case differ(String)

  package init(on bytes: [UInt8], as format: TraceFormat) {
    self.init(Result { () throws(DecodeError) in try format.payload(of: bytes) }, of: bytes, as: format)
  }

  /// - Parameter read: what roost's decoder has made of the bytes.
  package init(_ read: Result<PlainPayload, DecodeError>, of bytes: [UInt8], as format: TraceFormat) {
    let expected = Result { try ReferenceReader.payload(of: bytes, as: format) }
    switch (read, expected) {
    case (.success(let read), .success(let expected)):
      self = Self.isSame(read, expected) ? .bothAccept : .differ("roost reads \(read), the reference \(expected)")
    case (.failure, .failure): self = .bothRefuse
    case (.success, .failure(MessagePackError.tooDeep)): self = .undecided
    case (.success, .failure(let refusal)): self = .differ("roost accepts, the reference says \(refusal)")
    case (.failure(let refusal), .success): self = .differ("the reference accepts, roost says \(refusal)")
    }
  }

  /// Whether both are the same payload; of text attributes with one key the last counts.
  package static func isSame(_ read: PlainPayload, _ expected: PlainPayload) -> Bool {
    read.sender == expected.sender && read.chunks == expected.chunks
      && read.traces.map { $0.map(\.withoutReplacedTags) } == expected.traces.map { $0.map(\.withoutReplacedTags) }
  }
}
