/// The id of a container in the names of a process's control groups, as tracers read it: 64 hexadecimal digits, or the
/// 32 digits and a number of an ECS task.
enum ContainerID {
  /// `nil` for a process outside of containers, and where the groups have names of another kind.
  static func find(inControlGroup text: String) -> String? {
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

  private static func isID(_ text: Substring) -> Bool {
    if text.utf8.count == 64 { return text.allSatisfy(isDigit) }
    let parts = text.split(separator: "-", omittingEmptySubsequences: false)
    return parts.count == 2 && parts[0].utf8.count == 32 && parts[0].allSatisfy(isDigit) && !parts[1].isEmpty
      && parts[1].allSatisfy { $0 >= "0" && $0 <= "9" }
  }
}
