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
    let event = span.events.last(where: \.isException).flatMap(TraceError.init)
    func text(_ keys: String...) -> String? { keys.lazy.compactMap(span.meta).first { !$0.isEmpty } }
    self.init(
      type: text("error.type") ?? event?.type ?? "",
      message: text("error.message", "error.msg") ?? event?.message ?? "", stack: text("error.stack"))
    if stack.isEmpty, let event { stack = event.stack }
  }

  /// What an event says of an exception, caught or not; `nil` for other events.
  package init?(_ event: TraceSpanEvent) {
    guard event.isException else { return nil }
    self.init(
      type: event.text("exception.type", "error.type") ?? "",
      message: event.text("exception.message", "error.message", "error.msg") ?? "",
      stack: event.text("exception.stacktrace", "error.stack"))
  }

  private init(type: String, message: String, stack: String?) {
    self.type = type
    self.message = Self.message(message, of: type)
    self.stack = Self.nearest(stack ?? "", type: type, message: self.message)
  }

  /// Tracers of OpenTelemetry's API begin the message with the type's name.
  private static func message(_ message: String, of type: String) -> String {
    for name in [type, type.split(separator: ".").last.map(String.init) ?? ""] where !name.isEmpty {
      if message == name || message == name + ":" { return "" }
      if message.hasPrefix(name + ": ") { return String(message.dropFirst(name.count + 2)) }
    }
    return message
  }

  /// Python's traces end where the fault is; those of Java, .NET, JavaScript and PHP begin there, with lines of `at` or `#`.
  private static func nearest(_ text: String, type: String, message: String) -> [String] {
    // Newer Pythons draw a line of marks below the code.
    let lines = text.suffix(64 << 10).split(whereSeparator: \.isNewline).map(trim).filter { line in
      !line.allSatisfy { $0 == "^" || $0 == "~" || $0 == " " }
    }
    let frames = text.prefix(64 << 10).split(whereSeparator: \.isNewline).map(trim).filter {
      $0.hasPrefix("at ") || $0.hasPrefix("#0 ") || $0.hasPrefix("#1 ")
    }
    if !frames.isEmpty { return Array(frames.prefix(stackLines)) }
    // The last lines repeat what stands in type and message.
    let told = message.split(whereSeparator: \.isNewline).map(trim).filter { !$0.isEmpty }
    let repeated = lines.suffix(max(1, told.count))
    let doesRepeat =
      !type.isEmpty && repeated.first?.contains(type.split(separator: ".").last ?? "") ?? false
      && zip(repeated, told).allSatisfy { $0.hasSuffix($1) }
    return Array((doesRepeat ? lines.dropLast(repeated.count) : lines[...]).suffix(stackLines))
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
        TraceError(trace.spans[child])?.repeats(error) ?? false
      }
      if !isPassedOn, told.insert(error).inserted { failures[span] = error }
    }
    return failures
  }
}

extension TraceError {
  /// Says nothing of its own.
  var isSilent: Bool { type.isEmpty && message.isEmpty }

  /// Whether it tells of the same failure as another, however much of the stack.
  package func repeats(_ other: TraceError) -> Bool { type == other.type && message == other.message }
}
