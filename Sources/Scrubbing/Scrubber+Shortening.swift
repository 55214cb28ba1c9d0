/// Texts that are shown in part: secrets are removed before anything is cut off, as half a secret is not known for one.
extension Scrubber {
  /// How much is read for each byte that is shown: removing secrets makes a text shorter.
  private static let readForShown = 4
  /// Longer words in front of `=` are no names.
  private static let nameBytesMax = 100

  /// The beginning of a text without secrets, `shownMax` characters of it at most. Takes no longer for a text of
  /// megabytes than for `readMax` bytes of it, four times `shownMax` unless told.
  package static func scrub(_ text: String, shownMax: Int, readMax: Int? = nil) -> String {
    shortened(scrub(beginning(of: text, bytesMax: readMax ?? shownMax * readForShown)), shownMax)
  }

  /// The same of bytes from outside, which are repaired.
  package static func scrub(_ bytes: some Collection<UInt8>, shownMax: Int) -> String {
    shortened(scrub(beginning(of: bytes, bytesMax: shownMax * readForShown)), shownMax)
  }

  /// The same of a variable's or an option's value; see `value(_:of:)`.
  package static func value(_ value: String, of name: String, shownMax: Int) -> String {
    shortened(self.value(beginning(of: value, bytesMax: shownMax * readForShown), of: name), shownMax)
  }

  /// The same of each argument of a command line; see `commandLine(_:)`.
  package static func commandLine(_ arguments: [String], shownMax: Int, readMax: Int) -> [String] {
    commandLine(arguments.map { beginning(of: $0, bytesMax: readMax) }).map { shortened($0, shownMax) }
  }

  /// The whole words in the first `bytesMax` bytes of a text, secrets included, and the mark for what is left out.
  package static func beginning(of text: String, bytesMax: Int) -> String {
    guard text.utf8.count > bytesMax else { return text }
    return beginning(of: Array(text.utf8.prefix(bytesMax + 1)), bytesMax: bytesMax)
  }

  /// The same of bytes from outside, which are repaired.
  package static func beginning(of bytes: some Collection<UInt8>, bytesMax: Int) -> String {
    let read = Array(bytes.prefix(bytesMax + 1))
    guard read.count > bytesMax else { return String(decoding: read, as: UTF8.self) }
    // The last word goes on behind the bound, and what it is cannot be known from its beginning.
    let last = read.lastIndex { $0 <= 0x20 || "\"'`<>".utf8.contains($0) }.map { $0 + 1 } ?? 0
    let name = read[last...].prefix(nameBytesMax).prefix(while: SecretAssignments.isNamePart)
    let isNamed = !name.isEmpty && name.endIndex < read.count && read[name.endIndex] == UInt8(ascii: "=")
    return String(decoding: isNamed ? read[...name.endIndex] : read[..<last], as: UTF8.self) + mark
  }

  private static func shortened(_ text: String, _ shownMax: Int) -> String {
    text.utf8.count > shownMax ? String(text.prefix(shownMax)) : text
  }
}
