import Control
import Platform

/// Agents of the same user that another configuration would find: their control sockets lie in the same folder.
enum OtherAgents {
  /// More than a person runs.
  private static let entriesMax = 64

  /// The ports of those that answer, besides the one at `path`; sorted.
  static func ports(near path: String) -> [UInt16] {
    guard let slash = path.lastIndex(of: "/"), let folder = opendir(String(path[...slash])) else { return [] }
    defer { closedir(folder) }
    var ports: [UInt16] = []
    var seen = 0
    while seen < entriesMax, let entry = readdir(folder) {
      seen += 1
      let name = withUnsafeBytes(of: entry.pointee.d_name) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
      guard name.hasSuffix(".sock"), let port = UInt16(name.dropLast(5)) else { continue }
      let sibling = path[...slash] + name
      guard sibling != path, (try? ControlClient(path: String(sibling)).query(.ping)) == .pong else { continue }
      ports.append(port)
    }
    return ports.sorted()
  }
}
