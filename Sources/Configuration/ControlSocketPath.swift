/// Where the agent and the commands meet: worked out the same way by both, from the configuration in force.
package enum ControlSocketPath {
  /// Longest path in bytes. The kernel takes 107 on Linux and 103 on macOS, of which a name made while replacing takes a part.
  package static let bytesMax = 100

  /// Kinds of system that keep such sockets in different places.
  package enum Platform: Sendable {
    case linux, darwin
    /// The one this is built for.
    package static var current: Platform {
      #if canImport(Darwin)
        .darwin
      #else
        .linux
      #endif
    }
  }

  /// The path for one user.
  ///
  /// The option; else `$XDG_RUNTIME_DIR/roost/`, for root `/run/roost/`, else `/tmp/roost-UID/` (on macOS
  /// `$TMPDIR/roost-UID/`), and in it `PORT.sock`. With TCP off a hash of the receiver's socket path stands for the port,
  /// so that agents on different sockets do not meet.
  package static func path(
    configuration: AgentConfiguration, environment: [String: String], uid: UInt32, platform: Platform = .current
  ) throws(ControlSocketPathError) -> String {
    let path =
      configuration.controlSocket
      ?? "\(folder(environment, uid, platform))/\(name(configuration)).sock"
    guard path.utf8.count <= bytesMax else { throw ControlSocketPathError(path: path) }
    return path
  }

  private static func folder(_ environment: [String: String], _ uid: UInt32, _ platform: Platform) -> String {
    func absolute(_ variable: String) -> String? {
      guard var path = environment[variable], path.hasPrefix("/") else { return nil }
      while path.count > 1, path.hasSuffix("/") { path.removeLast() }
      return path
    }
    if let runtime = absolute("XDG_RUNTIME_DIR") { return "\(runtime)/roost" }
    switch platform {
    case .linux where uid == 0: return "/run/roost"
    case .linux: return "/tmp/roost-\(uid)"
    case .darwin: return uid == 0 ? "/var/run/roost" : "\(absolute("TMPDIR") ?? "/tmp")/roost-\(uid)"
    }
  }

  private static func name(_ configuration: AgentConfiguration) -> String {
    guard configuration.receiverPort == 0 else { return "\(configuration.receiverPort)" }
    // FNV-1a, 32 bits: stable over versions and platforms, unlike Hashable.
    let hash = configuration.receiverSocket.utf8.reduce(0x811c_9dc5 as UInt32) { ($0 ^ UInt32($1)) &* 0x0100_0193 }
    let digits = String(hash, radix: 16)
    return String(repeating: "0", count: 8 - digits.count) + digits
  }
}

/// The path would be longer than a unix socket's may be.
package struct ControlSocketPathError: Error, Equatable, CustomStringConvertible {
  /// The path that is too long.
  package let path: String

  /// One sentence that names the setting which would help.
  package var description: String {
    "control socket path is longer than \(ControlSocketPath.bytesMax) bytes: \(path); "
      + "set a shorter one with ROOST_CONTROL_SOCKET or apm_config.control_socket"
  }
}
