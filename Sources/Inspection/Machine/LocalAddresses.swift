/// A network's own IPv4 addresses, from `/proc/net/fib_trie`: an address, and on the next line what it is for.
enum LocalAddresses {
  /// Without loopback, each once, in the order of the table.
  static func addresses(in tree: [UInt8]) -> [String] {
    var found: [String] = []
    var leaf = ""
    for line in String(decoding: tree, as: UTF8.self).split(separator: "\n") {
      let words = line.split(separator: " ")
      if words.first == "|--" {
        leaf = words.count > 1 ? String(words[1]) : ""
      } else if words == ["/32", "host", "LOCAL"], !leaf.isEmpty, !leaf.hasPrefix("127."), !found.contains(leaf) {
        found.append(leaf)
      }
    }
    return found
  }
}
