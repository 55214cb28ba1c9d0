import JSON
import Text

/// One of the two words of `roost diff`: a range of time, a version or a file.
package enum ComparedWord: Sendable, Equatable {
  /// From and until in ns since 1970; `nil` is as far as statistics reach, or now.
  case range(sinceNs: Int64?, untilNs: Int64?)
  case version(String)
  case file(String)

  /// What it is called in messages.
  package var kind: String {
    switch self {
    case .range: "a range of time"
    case .version: "a version"
    case .file: "a file"
    }
  }

  private static let versionPrefix = "version:"

  /// Reads a word: `version:1.0`; `2h..1h`, `1h..now`, `..2026-11-24T07:00:00Z`; anything else, and whatever has a slash in
  /// it, is a file.
  /// - Parameter nowNs: what ages count back from, ns since 1970.
  package init(_ text: String, nowNs: Int64) throws(ComparedWordError) {
    if text.hasPrefix(Self.versionPrefix) {
      let version = String(text.dropFirst(Self.versionPrefix.count))
      guard !version.isEmpty else {
        throw ComparedWordError("a version follows behind version:", text, at: text.count, length: 1)
      }
      self = .version(version)
      return
    }
    guard !text.contains("/"), let dots = text.firstRange(of: "..") else {
      self = .file(text)
      return
    }
    let (left, right) = (text[..<dots.lowerBound], text[dots.upperBound...])
    let since = left.isEmpty ? nil : try Self.moment(left, of: text, nowNs)
    let until = right.isEmpty || right == "now" ? nil : try Self.moment(right, of: text, nowNs)
    if (since ?? .min) >= (until ?? nowNs) {
      throw ComparedWordError("this range ends before it begins", text, at: 0, length: text.count)
    }
    self = .range(sinceNs: since, untilNs: until)
  }

  private static func moment(_ part: Substring, of text: String, _ nowNs: Int64) throws(ComparedWordError) -> Int64 {
    if part == "now" { return nowNs }
    if let age = AgeText.ns(String(part)) { return max(0, nowNs &- age) }
    if let time = Timestamp(String(part)) { return time.unixNs }
    throw ComparedWordError(
      "this is no age (90s, 15m, 2h, 1d), no time (2026-11-24T07:00:00Z), and not now", text,
      at: text.distance(from: text.startIndex, to: part.startIndex), length: part.count)
  }
}

/// A word of `roost diff` that is none, and where in it.
package struct ComparedWordError: Error, Sendable, Equatable {
  /// One sentence, without a final stop.
  package let message: String
  /// The word, and below it a line that points at what is wrong; safe for a terminal.
  package let pointer: [String]

  init(_ message: String, _ text: String, at offset: Int, length: Int) {
    self.message = message
    let before = safeText(String(text.prefix(offset))).displayWidth
    let marked = safeText(String(text.dropFirst(offset).prefix(length))).displayWidth
    pointer = [
      "  " + safeText(text),
      "  " + String(repeating: " ", count: before) + "^" + String(repeating: "~", count: max(0, marked - 1)),
    ]
  }
}
