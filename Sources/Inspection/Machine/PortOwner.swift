import Platform

/// Whether it is true what a process on a TCP port says of itself.
package enum PortOwner {
  /// Whether process `pid` of user `uid` listens on the port of this machine. Where its descriptors may not be seen, it
  /// has to be a roost by its name, and its user the one who made the listening socket. False where a port leads into a
  /// container: then another process, or the kernel, listens for it, and the number is another process's here.
  package static func isListening(port: UInt16, pid: Int64, uid: UInt32) -> Bool {
    isListening(port: port, pid: pid, uid: uid, on: ThisMachine.make())
  }

  static func isListening(port: UInt16, pid: Int64, uid: UInt32, on machine: any Machine) -> Bool {
    let listening = Self.listening(port: port, on: machine)
    do throws(FileFailure) {
      let open = try machine.openDescriptors(pid).sockets
      return listening.contains { open.contains($0.inode) }
    } catch {
      guard let process = machine.process(pid), process.uid == uid, isRoost(process) else { return false }
      return listening.contains { $0.uid == uid }
    }
  }

  /// By what everybody may read of a process.
  private static func isRoost(_ process: RawProcess) -> Bool {
    process.name == "roost" || process.arguments.first.map(ProgramLanguage.baseName) == "roost"
  }

  /// Whether all that listens on the port of this machine is root's or the user's: then no other user can have taken it
  /// to receive what is meant for an agent. False where nothing can be seen to listen.
  package static func isOfRoot(port: UInt16, or uid: UInt32) -> Bool {
    isOfRoot(port: port, or: uid, on: ThisMachine.make())
  }

  static func isOfRoot(port: UInt16, or uid: UInt32, on machine: any Machine) -> Bool {
    let listening = Self.listening(port: port, on: machine)
    return !listening.isEmpty
      && listening.allSatisfy { socket in
        let owner = owner(of: socket, on: machine)
        return owner == 0 || owner == uid
      }
  }

  /// macOS does not say who made a socket, only which process has it.
  private static func owner(of socket: TCPSocket, on machine: any Machine) -> UInt32? {
    if machine.system == "linux" { return socket.uid }
    return machine.owners(of: [socket.inode])[socket.inode].flatMap(machine.process)?.uid
  }

  private static func listening(port: UInt16, on machine: any Machine) -> [TCPSocket] {
    ((try? machine.tcpSockets(of: nil) { local, _ in local == Int(port) }) ?? []).filter { $0.state == "LISTEN" }
  }
}
