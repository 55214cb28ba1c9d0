/// Secrets that are known by what stands around them: keys in PEM, and addresses that let whoever knows them write.
enum SecretBlocks {
  private static let begin = Array("-----BEGIN ".utf8)
  private static let end = Array("-----END".utf8)
  private static let dashes = Array("-----".utf8)
  /// More than the longest name of a kind of key.
  private static let titleBytesMax = 80
  /// The secret follows the host, sooner or later in the path.
  private static let hooks = [
    "hooks.slack.com/", "discord.com/api/", "discordapp.com/api/", "api.telegram.org/", "webhook.office.com/",
  ].map { Array($0.utf8) }

  static func removed(from bytes: [UInt8]) -> [UInt8] {
    var result: [UInt8] = []
    result.reserveCapacity(bytes.count)
    var position = 0
    while position < bytes.count {
      if let end = keyEnd(bytes, position) {
        result += Array(Scrubber.mark.utf8)
        position = end
      } else if let start = hookStart(bytes, position) {
        result += bytes[position..<start]
        position = start
        while position < bytes.count, !isEndOfAddress(bytes[position]) { position += 1 }
        if position > start { result += Array(Scrubber.mark.utf8) }
      } else {
        result.append(bytes[position])
        position += 1
      }
    }
    return result
  }

  /// Behind the block that begins at `start`: a key without its end goes on to the end of the text.
  private static func keyEnd(_ bytes: [UInt8], _ start: Int) -> Int? {
    guard bytes[start] == begin[0], bytes[start...].starts(with: begin) else { return nil }
    let title = bytes[(start + begin.count)...].prefix(titleBytesMax)
    guard let titleEnd = title.indices.first(where: { title[$0...].starts(with: dashes) }),
      SecretName.contains(Array(title[..<titleEnd]), Array("KEY".utf8))
    else { return nil }
    var next = titleEnd + dashes.count
    while next < bytes.count, bytes[next] != end[0] || !bytes[next...].starts(with: end) { next += 1 }
    next += end.count
    while next < bytes.count, bytes[next] != dashes[0] || !bytes[next...].starts(with: dashes) { next += 1 }
    return min(next + dashes.count, bytes.count)
  }

  /// Where the path begins behind a host at `start`, with the folder that shows its kind.
  private static func hookStart(_ bytes: [UInt8], _ start: Int) -> Int? {
    guard "hdaw".utf8.contains(bytes[start] | 0x20),
      let hook = hooks.first(where: { hook in
        let there = bytes[start...].prefix(hook.count)
        return there.count == hook.count && zip(there, hook).allSatisfy { lowered($0) == $1 }
      })
    else { return nil }
    let path = start + hook.count
    let folder = bytes[path...].prefix { (UInt8(ascii: "a")...UInt8(ascii: "z")).contains($0) }
    let isFolder = folder.endIndex < bytes.count && bytes[folder.endIndex] == UInt8(ascii: "/")
    return isFolder ? folder.endIndex + 1 : path
  }

  private static func lowered(_ byte: UInt8) -> UInt8 {
    (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte) ? byte | 0x20 : byte
  }

  private static func isEndOfAddress(_ byte: UInt8) -> Bool { byte <= 0x20 || "\"'`<>".utf8.contains(byte) }
}
