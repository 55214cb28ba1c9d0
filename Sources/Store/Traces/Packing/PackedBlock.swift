import Traces

/// A block as it is read: where each of its chunks lies, and their spans.
struct PackedBlock {
  private struct Frame {
    var content: Range<Int>
    var numbers: Range<Int>
    var firstSpan: Int
    var spans: Int
  }

  private let block: BlockBuffer
  private var frames: [Frame] = []

  /// Finds the chunks of a block, as far as its bytes make sense.
  init(_ block: BlockBuffer) {
    self.block = block
    var frames: [Frame] = []
    block.texts.withUnsafeBytes { texts in
      var (offset, numbers, span) = (0, 0, 0)
      while let kind = texts.readVarint(&offset) {
        if kind == 0 {
          guard texts.readRun(&offset) != nil else { return }
          continue
        }
        guard let numberBytes = texts.readVarint(&offset), let content = texts.readRun(&offset),
          kind &- 1 <= UInt64(content.count), numberBytes <= UInt64(block.numbers.count - numbers),
          (span + Int(kind &- 1)) * 8 <= block.ids.count
        else { return }
        frames.append(
          Frame(
            content: (offset - content.count)..<offset, numbers: numbers..<(numbers + Int(numberBytes)),
            firstSpan: span, spans: Int(kind &- 1)))
        numbers += Int(numberBytes)
        span += Int(kind &- 1)
      }
    }
    self.frames = frames
  }

  /// Chunks in it, in the order of their rows.
  var count: Int { frames.count }

  /// Memory that it takes, roughly.
  var bytes: Int { block.packedBytes + block.ids.count }

  /// The spans of a chunk; `nil` when there is no such chunk, or its bytes make no sense.
  func spans(ofChunk index: Int, _ depth: SpanReader.Depth = .whole) -> [TraceSpan]? {
    guard frames.indices.contains(index) else { return nil }
    let frame = frames[index]
    var spans: [TraceSpan] = []
    spans.reserveCapacity(frame.spans)
    return block.texts.withUnsafeBytes { texts in
      block.numbers.withUnsafeBytes { numbers in
        let content = UnsafeRawBufferPointer(rebasing: texts[frame.content])
        let numbers = UnsafeRawBufferPointer(rebasing: numbers[frame.numbers])
        var (offset, number) = (0, 0)
        guard content.readRun(&offset) != nil else { return nil }
        for place in 0..<frame.spans {
          guard let parent = content.readVarint(&offset), let rest = content.readRun(&offset),
            let start = numbers.readVarint(&number), let duration = numbers.readVarint(&number)
          else { return nil }
          var span = TraceSpan(
            spanID: id(frame.firstSpan + place), service: "", operation: "", resource: "", startNs: 0,
            durationNs: Int64(zigzag: duration))
          var base = spans.last?.startNs ?? block.baseNs
          if parent == ParentPlace.elsewhere {
            guard let id = numbers.readVarint(&number) else { return nil }
            span.parentID = id
          } else if parent != ParentPlace.none {
            let (distant, overflow) = place.subtractingReportingOverflow(Int(Int64(zigzag: parent &- 2)))
            guard !overflow, (0..<frame.spans).contains(distant) else { return nil }
            span.parentID = id(frame.firstSpan + distant)
            if distant < place { base = spans[distant].startNs }
          }
          span.startNs = base &+ Int64(zigzag: start)
          SpanReader.read(rest, depth, into: &span)
          spans.append(span)
        }
        return spans
      }
    }
  }

  /// Calls `body` with what is kept of each span of a chunk in protobuf.
  func forEachRest(ofChunk index: Int, _ body: (UnsafeRawBufferPointer) -> Void) {
    guard frames.indices.contains(index) else { return }
    block.texts.withUnsafeBytes { texts in
      let content = UnsafeRawBufferPointer(rebasing: texts[frames[index].content])
      var offset = 0
      guard content.readRun(&offset) != nil else { return }
      while content.readVarint(&offset) != nil, let rest = content.readRun(&offset) { body(rest) }
    }
  }

  /// Whether all these runs of lowercase ASCII letters and digits are somewhere in a chunk, in letters of any case.
  func mayHold(_ words: [[UInt8]], inChunk index: Int) -> Bool {
    guard frames.indices.contains(index) else { return false }
    return block.texts.withUnsafeBytes { texts in
      let content = UnsafeRawBufferPointer(rebasing: texts[frames[index].content])
      return words.allSatisfy { content.holds(lowercase: $0) }
    }
  }

  private func id(_ span: Int) -> UInt64 {
    block.ids.withUnsafeBytes { UInt64(littleEndian: $0.loadUnaligned(fromByteOffset: span * 8, as: UInt64.self)) }
  }
}

extension UnsafeRawBufferPointer {
  /// Whether a run of lowercase ASCII is in these bytes, in letters of any case.
  func holds(lowercase word: [UInt8]) -> Bool {
    guard let first = word.first else { return true }
    guard count >= word.count else { return false }
    var position = 0
    while position <= count - word.count {
      if self[position].lowercased == first {
        var length = 1
        while length < word.count, self[position + length].lowercased == word[length] { length += 1 }
        if length == word.count { return true }
      }
      position += 1
    }
    return false
  }
}

extension UInt8 {
  /// An ASCII capital as a small letter; any other byte as it is.
  @inline(__always) fileprivate var lowercased: UInt8 { self &- 0x41 < 26 ? self | 0x20 : self }
}
