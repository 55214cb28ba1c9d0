/// Follows symbolic links as a process does whose root is another folder: `/var/run` is `/run` in there, not here.
struct RootedPath {
  /// As many as the kernel follows.
  private static let linksMax = 40

  /// Without a slash at its end.
  let root: String

  /// The path below the root without symbolic links; what does not exist stays as it is.
  func resolved(_ name: String) -> String {
    var waiting = parts(of: name)
    var done: [Substring] = []
    var links = 0
    while let part = waiting.popLast() {
      if part == "." { continue }
      if part == ".." {
        _ = done.popLast()
        continue
      }
      let here = "/" + (done + [part]).joined(separator: "/")
      guard links < Self.linksMax, let target = link(root + here) else {
        done.append(part)
        continue
      }
      links += 1
      if target.hasPrefix("/") { done = [] }
      waiting += parts(of: target)
    }
    return "/" + done.joined(separator: "/")
  }

  /// The first is the last.
  private func parts(of path: String) -> [Substring] { path.split(separator: "/").reversed() }

  private func link(_ path: String) -> String? {
    var text = [CChar](repeating: 0, count: 4096)
    let count = readlink(path, &text, text.count)
    return count > 0 ? String(decoding: text[..<count].map { UInt8(bitPattern: $0) }, as: UTF8.self) : nil
  }
}
