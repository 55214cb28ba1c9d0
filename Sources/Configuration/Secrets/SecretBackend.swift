/// The program that knows what `ENC[…]` stands for, as the Datadog agent's `secret_backend_command` has it.
package struct SecretBackend: Sendable, Equatable {
  /// Path of the program; `nil` when there is none.
  package var command: String?
  /// What it is called with.
  package var arguments: [String] = []
  /// Longest time for one answer.
  package var timeout = Duration.seconds(30)
  /// Bytes of its answer at most.
  package var outputBytesMax = 1 << 20
  /// Line breaks at the end of a secret are no part of it.
  package var removesTrailingLineBreak = false
  /// Members of the program's group may execute it too.
  package var allowsGroup = false
  /// All secrets are asked for anew after this time; zero is never.
  package var refreshInterval = Duration.zero
  /// They are asked for anew when an intake refuses the key, this long after the last time at the earliest; zero is never.
  package var keyFailureInterval = Duration.seconds(600)

  /// No program, and the intervals that hold where none is set.
  package init() {}
}

/// Why a secret, or all of them, cannot be had: a sentence part without anything secret in it.
package struct SecretFailure: Error, Sendable, Equatable {
  /// Such as `it gave no answer within 30 s`.
  package let reason: String

  /// - Parameter reason: follows the name of the program or the secret.
  package init(_ reason: String) { self.reason = reason }
}

/// Asks a program for secrets by their handles: what stands within the brackets of `ENC[…]`.
package typealias SecretAsking =
  (SecretBackend, [String]) -> Result<[String: Result<String, SecretFailure>], SecretFailure>

/// Finds what is kept elsewhere in values, and puts secrets in its place.
struct SecretReferences {
  /// What a value holds in place of a secret; nothing yet where the program has not been asked.
  var answers: [String: Result<String, SecretFailure>] = [:]

  /// The handle of a text that stands for a secret; `nil` for other texts.
  static func handle(in text: String) -> String? {
    let bare = ListText.trimmed(text[...])
    guard bare.hasPrefix("ENC["), bare.hasSuffix("]") else { return nil }
    return String(bare.dropFirst("ENC[".count).dropLast())
  }

  /// The handles in a value, whether it is a single text, has some in its lists or mappings, or is JSON with some in it.
  static func handles(in node: YAMLNode) -> [String] {
    switch node.content {
    case .scalar(let text, _): handle(in: text).map { [$0] } ?? quotedHandles(in: text)
    case .sequence(let nodes): nodes.flatMap { handles(in: $0) }
    case .mapping(let entries): entries.flatMap { handles(in: $0.value) }
    }
  }

  /// The same value with the secrets in it.
  func resolved(_ node: YAMLNode) throws(SecretFailure) -> YAMLNode {
    switch node.content {
    case .scalar(let text, _):
      if let handle = Self.handle(in: text) {
        return YAMLNode(.scalar(try secret(handle), isPlain: false), line: node.line)
      }
      let handles = Self.quotedHandles(in: text)
      guard !handles.isEmpty else { return node }
      var resolved = text
      for handle in handles {
        resolved = resolved.replacing("\"ENC[\(handle)]\"", with: Self.quoted(try secret(handle)))
      }
      return YAMLNode(.scalar(resolved, isPlain: false), line: node.line)
    case .sequence(let nodes):
      var resolved: [YAMLNode] = []
      for one in nodes { resolved.append(try self.resolved(one)) }
      return YAMLNode(.sequence(resolved), line: node.line)
    case .mapping(let entries):
      var resolved: [YAMLEntry] = []
      for entry in entries {
        resolved.append(YAMLEntry(name: entry.name, line: entry.line, value: try self.resolved(entry.value)))
      }
      return YAMLNode(.mapping(resolved), line: node.line)
    }
  }

  private func secret(_ handle: String) throws(SecretFailure) -> String {
    guard let answer = answers[handle] else { throw SecretFailure("it was not asked for") }
    return try answer.get()
  }

  /// Handles of texts in JSON, such as a variable has it for a mapping.
  private static func quotedHandles(in text: String) -> [String] {
    guard let first = text.first(where: { !$0.isWhitespace }), "{[".contains(first) else { return [] }
    var handles: [String] = []
    var rest = text[...]
    while let start = rest.firstRange(of: "\"ENC["), let end = rest[start.upperBound...].firstRange(of: "]\"") {
      handles.append(String(rest[start.upperBound..<end.lowerBound]))
      rest = rest[end.upperBound...]
    }
    return handles
  }

  private static func quoted(_ text: String) -> String {
    var quoted = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"", "\\": quoted += "\\\(scalar)"
      case "\u{0}"..<"\u{20}":
        let digits = String(scalar.value, radix: 16)
        quoted += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
      default: quoted.unicodeScalars.append(scalar)
      }
    }
    return quoted + "\""
  }
}
