/// What tells containers apart: an id of 64 hexadecimal digits (Docker, containerd, CRI-O, Podman), the 32 digits and a
/// number of an ECS task on Fargate, the groups of digits of Garden (Cloud Foundry), or the inode of a control group
/// (`in-4711`, as tracers send it). Such texts look like secrets and are none.
package enum ContainerID {
  /// Whether the text is one of these and nothing else, so that it may be shown whoever sent it.
  package static func isOne(_ text: String) -> Bool {
    text.hasPrefix("in-") ? isNumber(text.utf8.dropFirst(3)) : isID(Array(text.utf8)[...])
  }

  /// The id of the innermost container in the names of a process's control groups (`/proc/PID/cgroup`, of both versions);
  /// `nil` outside of containers, and where the groups have names of another kind.
  package static func find(inControlGroup text: String) -> String? {
    for line in text.split(separator: "\n") {
      for name in line.split(separator: "/").reversed() {
        if let id = find(inGroupName: name) { return id }
      }
    }
    return nil
  }

  /// The id in the name of a single control group: `ID`, `docker-ID.scope`, `crio-ID`,
  /// `kubepods-pod1.slice:cri-containerd:ID`; `nil` for a group that is no container's own.
  package static func find(inGroupName name: some StringProtocol) -> String? {
    // Those of the monitor of a container, and of its mounts, lie beside it.
    guard !name.contains("conmon"), !name.hasSuffix(".mount") else { return nil }
    let bytes = Array(name.utf8).dropLast(name.hasSuffix(".scope") ? 6 : 0)
    if isID(bytes) { return String(decoding: bytes, as: UTF8.self) }
    let taskLength = 33 + bytes.reversed().prefix(while: isDecimal).count
    for length in [64, taskLength] where length < bytes.count {
      let end = bytes.suffix(length)
      if isID(end), !isAlphanumeric(bytes[end.startIndex - 1]) { return String(decoding: end, as: UTF8.self) }
    }
    return nil
  }

  private static func isID(_ bytes: ArraySlice<UInt8>) -> Bool {
    if bytes.count == 64 { return bytes.allSatisfy(isHexadecimal) }
    let parts = bytes.split(separator: UInt8(ascii: "-"), omittingEmptySubsequences: false)
    switch parts.map(\.count) {
    case [8, 4, 4, 4, 12], [8, 4, 4, 4, 4]: return parts.allSatisfy { $0.allSatisfy(isHexadecimal) }
    default: return parts.count == 2 && parts[0].count == 32 && parts[0].allSatisfy(isHexadecimal) && isNumber(parts[1])
    }
  }

  private static func isNumber(_ bytes: some Collection<UInt8>) -> Bool {
    (1...20).contains(bytes.count) && bytes.allSatisfy(isDecimal)
  }

  private static func isDecimal(_ byte: UInt8) -> Bool { byte >= UInt8(ascii: "0") && byte <= UInt8(ascii: "9") }

  private static func isHexadecimal(_ byte: UInt8) -> Bool {
    isDecimal(byte) || (byte >= UInt8(ascii: "a") && byte <= UInt8(ascii: "f"))
  }

  private static func isAlphanumeric(_ byte: UInt8) -> Bool {
    isDecimal(byte) || (byte | 0x20 >= UInt8(ascii: "a") && byte | 0x20 <= UInt8(ascii: "z"))
  }
}
