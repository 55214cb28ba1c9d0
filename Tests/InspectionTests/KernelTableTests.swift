import Testing

@testable import Inspection

@Suite("The kernel's tables")
struct KernelTableTests {
  private static let tcp = """
      sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
       0: 0100007F:1FBE 00000000:0000 0A 00000000:00000000 00:00000000 00000000  1000        0 41 1 0 100 0 0 10 0
       1: 00000000:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 42 1 0 100 0 0 10 0
       2: 020011AC:9C40 010011AC:1FBE 02 00000001:00000000 01:00000064 00000002     0        0 43 2 0 400 0 0 1 7
       3: broken
       4: 0100007F:1FBE 0100007F:9C41 08 00000000:00000000 00:00000000 00000000     0        0 44 1 0 20 4 30 10 -1
    """
  private static let tcp6 = """
      sl  local_address                         remote_address                        st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
       0: 00000000000000000000000001000000:1FBE 00000000000000000000000000000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 51 1 0 100 0 0 10 0
       1: 0000000000000000FFFF00000100007F:1FBE 0000000000000000FFFF00000100007F:D431 01 00000000:00000000 00:00000000 00000000     0        0 52 1 0 20 4 30 10 -1
       2: B80D0120000000000000000001000000:1FBE 00000000000000000000000000000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 53 1 0 100 0 0 10 0
    """

  @Test func `sockets of IPv4 are read`() {
    let sockets = KernelTCPTable.sockets(in: Array(Self.tcp.utf8)) { $0 == 8126 || $1 == 8126 }
    #expect(sockets.map(\.localAddress) == ["127.0.0.1", "172.17.0.2", "127.0.0.1"])
    #expect(sockets.map(\.state) == ["LISTEN", "SYN_SENT", "CLOSE_WAIT"])
    #expect(sockets.map(\.inode) == [41, 43, 44])
    #expect(sockets.map(\.uid) == [1000, 0, 0])
    #expect(sockets[1].remoteAddress == "172.17.0.1")
    #expect(sockets[1].remotePort == 8126)
    #expect(sockets.map(\.retransmits) == [0, 2, 0])
  }

  @Test func `sockets of IPv6 are read`() {
    let sockets = KernelTCPTable.sockets(in: Array(Self.tcp6.utf8)) { local, _ in local == 8126 }
    #expect(sockets.map(\.localAddress) == ["::1", "::ffff:127.0.0.1", "2001:db8::1"])
    #expect(sockets.map(\.inode) == [51, 52, 53])
  }

  @Test(
    arguments: [
      ([UInt8](repeating: 0, count: 16), "::"), ([0, 0, 0, 0] + [UInt8](repeating: 0, count: 11) + [1], "::1"),
      ([0x20, 1, 0xd, 0xb8, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0], "2001:db8:0:1::"),
      ([0, 1, 0, 0, 0, 2, 0, 3, 0, 4, 0, 5, 0, 6, 0, 7], "1:0:2:3:4:5:6:7"),
      ([0xfe, 0x80, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0], "fe80::1:0:0:0"), ([10, 0, 0, 255], "10.0.0.255"),
      ([1], ""),
    ]) func `addresses are written as everywhere`(bytes: [UInt8], text: String)
  {
    #expect(NumericAddress.text(bytes) == text)
  }

  @Test func `unix sockets are read, with spaces in their paths`() {
    let text = """
      Num       RefCount Protocol Flags    Type St Inode Path
      0000000000000000: 00000002 00000000 00010000 0001 01 61 /var/run/datadog/apm.socket
      0000000000000000: 00000002 00000000 00000000 0002 01 62 /var/run/datadog/dsd.socket
      0000000000000000: 00000003 00000000 00000000 0001 03 63
      0000000000000000: 00000003 00000000 00000000 0001 03 64 @abstract
      0000000000000000: 00000003 00000000 00000000 0001 03 65 /a b/c
      """
    #expect(
      KernelUnixTable.sockets(in: Array(text.utf8)) == [
        KernelUnixSocket(path: "/var/run/datadog/apm.socket", type: "stream", isListening: true, inode: 61),
        KernelUnixSocket(path: "/var/run/datadog/dsd.socket", type: "datagram", isListening: false, inode: 62),
        KernelUnixSocket(path: "/a b/c", type: "stream", isListening: false, inode: 65),
      ])
  }

  @Test(
    arguments: [
      ("eth0\t00000000\t010011AC\t0003\t0\t0\t0\t00000000\t0\t0\t0", ["10.9.9.9", "172.17.0.1"], "172.17.0.1"),
      ("eth0\t000011AC\t00000000\t0001\t0\t0\t0\t0000FFFF\t0\t0\t0", ["10.9.9.9", "172.17.0.1"], "172.17.0.1"),
      ("eth0\t000011AC\t00000000\t0001\t0\t0\t0\t0000FFFF\t0\t0\t0", ["10.9.9.9"], nil),
    ]) func `our address that a container can reach is told by its routes`(
      route: String, own: [String], address: String?
    ) throws
  {
    let folder = try TemporaryFolder()
    try folder.write("Iface\tDestination\tGateway\tFlags\tRefCnt\tUse\tMetric\tMask\n\(route)\n", to: "7/net/route")
    let machine = LinuxMachine(proc: folder.path)
    #expect(machine.hostAddress(reachableFrom: 7, own: own) == address)
  }

  @Test func `neighbours that do not answer have no flags`() throws {
    let folder = try TemporaryFolder()
    try folder.write(
      """
      IP address       HW type     Flags       HW address            Mask     Device
      172.17.0.9       0x1         0x0         00:00:00:00:00:00     *        docker0
      172.17.0.2       0x1         0x2         02:42:ac:11:00:02     *        docker0
      """, to: "net/arp")
    #expect(LinuxMachine(proc: folder.path).silentNeighbours(of: nil) == ["172.17.0.9"])
  }

  @Test(
    arguments: [
      ("A=1\0B=\0C=x=y\0A=2\0", ["A": "1", "B": "", "C": "x=y"] as [String: String]?), ("", [:]),
      ("nginx: worker process\0\0\0\0", nil), ("\0\0", nil),
    ]) func `an environment that was written over is none`(bytes: String, variables: [String: String]?)
  {
    #expect(LinuxMachine.environment(Array(bytes.utf8)) == variables)
  }
}
