/// Finds identifiers in resource names: `GET /users/8315` names one user, where `GET /users/{id}` names what was asked.
enum IDLikeText {
  /// The resource with every identifier among its path segments replaced by `{id}`; `nil` when there is none.
  ///
  /// An identifier is a number of three digits or more, a UUID, or hexadecimal of 16 digits or more. Only texts with a
  /// path are looked at; a query or a command is another matter.
  static func template(of resource: String) -> String? {
    guard resource.utf8.contains(UInt8(ascii: "/")) else { return nil }
    var found = false
    let segments = resource.split(separator: "/", omittingEmptySubsequences: false).map { segment in
      guard isID(segment.utf8) else { return segment }
      found = true
      return "{id}"
    }
    return found ? segments.joined(separator: "/") : nil
  }

  private static func isID(_ text: Substring.UTF8View) -> Bool {
    let count = text.count
    guard count >= 3, count <= 64 else { return false }
    if text.allSatisfy({ isDigit($0) }) { return true }
    guard text.contains(where: { isDigit($0) }) else { return false }
    if count == 36 { return isUUID(Array(text)) }
    return count >= 16 && text.allSatisfy { isHexadecimal($0) }
  }

  private static func isUUID(_ text: [UInt8]) -> Bool {
    text.indices.allSatisfy { [8, 13, 18, 23].contains($0) ? text[$0] == UInt8(ascii: "-") : isHexadecimal(text[$0]) }
  }

  private static func isDigit(_ byte: UInt8) -> Bool { byte &- UInt8(ascii: "0") < 10 }

  private static func isHexadecimal(_ byte: UInt8) -> Bool { isDigit(byte) || (byte | 0x20) &- UInt8(ascii: "a") < 6 }
}
