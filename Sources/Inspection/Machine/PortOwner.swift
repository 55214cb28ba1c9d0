import Platform

/// Whether it is true what a process on a TCP port says of itself.
package enum PortOwner {
  /// Whether process `pid` of user `uid` listens on the port of this machine. Where its descriptors may not be seen, the
  /// user who made the listening socket has to be its user. False where a port leads into a container: then another
  /// process, or the kernel, listens for it.
  package static func isListening(port: UInt16, pid: Int64, uid: UInt32) -> Bool {
    isListening(port: port, pid: pid, uid: uid, on: ThisMachine.make())
  }

  static func isListening(port: UInt16, pid: Int64, uid: UInt32, on machine: any Machine) -> Bool {
    let listening = ((try? machine.tcpSockets(of: nil) { local, _ in local == Int(port) }) ?? [])
      .filter { $0.state == "LISTEN" }
    do throws(FileFailure) {
      let open = try machine.openDescriptors(pid).sockets
      return listening.contains { open.contains($0.inode) }
    } catch {
      return machine.process(pid)?.uid == uid && listening.contains { $0.uid == uid }
    }
  }
}
