import Receiver
import Scrubbing

/// Where a client is, by what goes first: its container's id, else what the kernel says of its process, else the control
/// group that it names. The same for all requests of a client.
struct ClientOrigin: Sendable, Equatable {
  /// Empty where the client does not say it.
  var containerID = ""
  /// The process that opened the unix socket, as this machine numbers it; 0 where that is not known.
  var processID: Int32 = 0
  /// Of the control group that the client names; 0 for none.
  var groupInode: UInt64 = 0
  /// The container's name in its pod, as the client says it.
  var containerName = ""

  /// Whether the client says an id of which a runtime may know something.
  var hasID: Bool { ContainerID.isOne(containerID) && !containerID.hasPrefix("in-") }

  /// The container as far as the client's own word goes; `nil` when it says nothing that can be used.
  var said: KnownContainer? {
    guard hasID || !containerName.isEmpty else { return nil }
    return KnownContainer(id: hasID ? containerID : "", description: nil, saidName: containerName)
  }
}

extension ClientOrigin {
  /// The longest name that Kubernetes gives a container.
  private static let nameBytesMax = 63

  /// What a key begins with that holds a pid, which may soon be another process's.
  static let processMark = UInt8(ascii: "p")

  /// Writes what distinguishes the origin of a request from others into `key`, which is empty then for a client of which
  /// there is nothing to look up. Makes no texts.
  /// - Parameter seesGroups: whether processes and control groups can be looked up.
  static func writeKey(of data: LocalData, _ peer: PeerIdentity, seesGroups: Bool, into key: inout [UInt8]) {
    key.removeAll(keepingCapacity: true)
    let name = data.containerName.map { $0.prefix(nameBytesMax) } ?? UnsafeRawBufferPointer(start: nil, count: 0)[...]
    if let id = data.containerID {
      // Others are passed on as they are.
      guard id.count <= idBytesMax else { return }
      key.append(UInt8(ascii: "c"))
      key.append(contentsOf: id)
    } else {
      let pid = seesGroups ? process(peer) : 0
      let inode = seesGroups ? data.groupInode : 0
      guard pid > 0 || inode > 0 || !name.isEmpty else { return }
      key.append(pid > 0 ? processMark : UInt8(ascii: "i"))
      withUnsafeBytes(of: pid) { key.append(contentsOf: $0) }
      withUnsafeBytes(of: inode) { key.append(contentsOf: $0) }
    }
    guard !name.isEmpty else { return }
    key.append(UInt8(ascii: ","))
    key.append(contentsOf: name)
  }

  /// The longest id that `ContainerID` knows.
  private static let idBytesMax = 64

  /// The same as values, for looking them up.
  init(_ data: LocalData, _ peer: PeerIdentity) {
    if let id = data.containerID {
      containerID = String(decoding: id, as: UTF8.self)
    } else {
      processID = Self.process(peer)
      groupInode = data.groupInode
    }
    containerName = data.containerName.map { String(decoding: $0.prefix(Self.nameBytesMax), as: UTF8.self) } ?? ""
    if !containerName.utf8.allSatisfy(Self.isOfName) { containerName = "" }
  }

  /// The process at the other end of the unix socket; 0 where the kernel does not say it.
  static func process(_ peer: PeerIdentity) -> Int32 {
    if case .unix(let pid, _) = peer { max(0, pid) } else { 0 }
  }

  /// Names of Kubernetes have small letters, digits, hyphens and dots.
  private static func isOfName(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"),
      UInt8(ascii: "."):
      true
    default: false
    }
  }
}
