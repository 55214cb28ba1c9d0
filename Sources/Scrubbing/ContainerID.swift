/// What tells containers apart: an id of 64 hexadecimal digits, the 32 digits and a number of an ECS task, or the inode
/// of a control group (`in-4711`, as tracers send it). Such texts look like secrets and are none.
package enum ContainerID {
  /// Whether the text is one of these and nothing else, so that it may be shown whoever sent it.
  package static func isOne(_ text: String) -> Bool {
    text.hasPrefix("in-") ? isNumber(text.dropFirst(3)) : isID(text[...])
  }

  /// The id in the names of a process's control groups (`/proc/PID/cgroup`), as tracers read it; `nil` outside of
  /// containers, and where the groups have names of another kind.
  package static func find(inControlGroup text: String) -> String? {
    for line in text.split(separator: "\n") {
      let parts = line.split { !isDigit($0) && $0 != "-" }
      if let id = parts.last(where: isID) { return String(id) }
      // A name such as `docker-ID.scope` has the id behind a dash.
      if let id = parts.flatMap({ $0.split(separator: "-") }).last(where: isID) { return String(id) }
    }
    return nil
  }

  private static func isDigit(_ character: Character) -> Bool {
    switch character {
    case "0"..."9", "a"..."f": true
    default: false
    }
  }

  private static func isNumber(_ text: Substring) -> Bool {
    !text.isEmpty && text.utf8.count <= 20 && text.allSatisfy { $0 >= "0" && $0 <= "9" }
  }

  private static func isID(_ text: Substring) -> Bool {
    if text.utf8.count == 64 { return text.allSatisfy(isDigit) }
    let parts = text.split(separator: "-", omittingEmptySubsequences: false)
    return parts.count == 2 && parts[0].utf8.count == 32 && parts[0].allSatisfy(isDigit) && isNumber(parts[1])
  }
}
