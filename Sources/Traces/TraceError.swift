/// Why a span failed, as its client says.
package struct TraceError: Sendable, Hashable {
  /// The exception's type, such as `RuntimeError`; may be empty.
  package var type: String
  /// What it says; may be empty.
  package var message: String
  /// The lines of the stack trace that are nearest to the fault, without spaces around them.
  package var stack: [String]

  /// Lines of a stack trace that are kept.
  private static let stackLines = 4

  /// `nil` for a span that did not fail.
  package init?(_ span: TraceSpan) {
    guard span.isError else { return nil }
    let event = span.events.last { $0.name.lowercased() == "exception" }
    func text(_ keys: [String], _ attribute: String) -> String {
      for key in keys { if let text = span.meta(key), !text.isEmpty { return text } }
      if case .text(let text)? = event?.attributes.last(where: { $0.key == attribute })?.value { return text }
      return ""
    }
    type = text(["error.type"], "exception.type")
    message = text(["error.message", "error.msg"], "exception.message")
    stack = Self.nearest(text(["error.stack"], "exception.stacktrace"), type: type, message: message)
  }

  /// Python's traces end where the fault is; those of Java, .NET, JavaScript and PHP begin there, with lines of `at` or `#`.
  private static func nearest(_ text: String, type: String, message: String) -> [String] {
    let lines = text.suffix(64 << 10).split(whereSeparator: \.isNewline).map(trim).filter { !$0.isEmpty }
    let frames = text.prefix(64 << 10).split(whereSeparator: \.isNewline).map(trim).filter {
      $0.hasPrefix("at ") || $0.hasPrefix("#0 ") || $0.hasPrefix("#1 ")
    }
    if !frames.isEmpty { return Array(frames.prefix(stackLines)) }
    // The last line repeats what stands in type and message.
    let repeats =
      lines.last.map { !type.isEmpty && $0.hasSuffix(message) && $0.contains(type.split(separator: ".").last ?? "") }
      ?? false
    return Array((repeats ? lines.dropLast() : lines[...]).suffix(stackLines))
  }

  private static func trim(_ line: Substring) -> String {
    let start = line.drop(while: \.isWhitespace)
    guard let last = start.lastIndex(where: { !$0.isWhitespace }) else { return "" }
    return String(start[...last])
  }

  /// Type and message on one line.
  package var title: String {
    let texts = [type, message].filter { !$0.isEmpty }
    return texts.isEmpty ? "failed without a message" : texts.joined(separator: ": ")
  }
}

extension TraceTree {
  /// Why spans failed, each reason where it arose: not at the spans above that it failed, too, and once where several
  /// say the same.
  package var failures: [Int: TraceError] {
    var failures: [Int: TraceError] = [:]
    var told: Set<TraceError> = []
    // Of each span, the reasons of those below it; a span without words of its own fails because of them.
    var hasFailureBelow: Set<Int> = []
    let order = inOrder.map(\.span)
    for span in order.reversed() {
      guard trace.spans[span].isError || hasFailureBelow.contains(span), let parent = parents[span] else { continue }
      hasFailureBelow.insert(parent)
    }
    for span in order {
      guard let error = TraceError(trace.spans[span]), !(error.isSilent && hasFailureBelow.contains(span)) else {
        continue
      }
      let isPassedOn = children[span].contains { child in
        TraceError(trace.spans[child]).map { $0.type == error.type && $0.message == error.message } ?? false
      }
      if !isPassedOn, told.insert(error).inserted { failures[span] = error }
    }
    return failures
  }
}

extension TraceError {
  /// Says nothing of its own.
  fileprivate var isSilent: Bool { type.isEmpty && message.isEmpty }
}
