import Text

extension TraceTree {
  /// Stacks as flame graph programs read them, one a line: a frame for each service that is entered and for each span's
  /// operation and resource, `;` between them, and the spans' own time in microseconds.
  package var foldedStacks: some Sequence<String> { FoldedStacks(self).lines }
}

/// The frames of a trace's stacks, each once below the frame that leads to it, so that the memory they take grows with the
/// spans and not with their depth.
private struct FoldedStacks {
  /// Frames of a stack at most; the time of spans below is given to the last one. A chain of ten thousand spans would
  /// else make lines of megabytes.
  private static let framesMax = 256
  /// Characters of a frame's name.
  private static let nameMax = 200

  private struct Frame: Hashable {
    /// The frame that leads to it; `nil` for the first of a stack.
    let caller: Int?
    let name: String
  }

  private var frames: [Frame] = []
  private var totalsUs: [Int64] = []
  private var places: [Frame: Int] = [:]

  init(_ tree: TraceTree) {
    // The frame of each span above, and its service.
    var open: [(frame: Int, service: String)] = []
    for (span, depth) in tree.inOrder {
      if depth < Self.framesMax {
        open.removeSubrange(min(depth, open.count)...)
        let shown = tree.trace.spans[span]
        var caller = open.last?.frame
        if open.last?.service != shown.service { caller = frame(shown.service, calledBy: caller) }
        open.append((frame(shown.title, calledBy: caller), shown.service))
      }
      guard let frame = open.last?.frame else { continue }
      // Times of many spans may be more than 64 bits hold.
      let (sum, overflow) = totalsUs[frame].addingReportingOverflow(tree.selfNs[span] / 1000)
      totalsUs[frame] = overflow ? .max : sum
    }
  }

  private mutating func frame(_ text: String, calledBy caller: Int?) -> Int {
    let frame = Frame(caller: caller, name: Self.name(text))
    if let place = places[frame] { return place }
    places[frame] = frames.count
    frames.append(frame)
    totalsUs.append(0)
    return frames.count - 1
  }

  /// A text that ends neither its frame nor its line.
  private static func name(_ text: String) -> String {
    let shown = safeText(String(text.unicodeScalars.prefix(nameMax).map { $0 == ";" ? ":" : Character($0) }))
    return shown.allSatisfy(\.isWhitespace) ? "unnamed" : shown
  }

  var lines: some Sequence<String> {
    frames.indices.lazy.filter { totalsUs[$0] > 0 }.map { "\(stack($0)) \(totalsUs[$0])" }
  }

  private func stack(_ last: Int) -> String {
    var names: [String] = []
    var next: Int? = last
    while let place = next {
      names.append(frames[place].name)
      next = frames[place].caller
    }
    return names.reversed().joined(separator: ";")
  }
}
