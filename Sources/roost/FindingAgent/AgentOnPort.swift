import Addresses
import Control
import Inspection

/// What answers where the configured agent takes traces; looked at when no agent answers at the control socket.
enum AgentOnPort {
  case nobody
  /// A roost, and it is true that its process has the port.
  case roost(AgentIdentity, at: SocketAddress)
  /// A roost of which no process of this machine can be seen to have the port: one in a container, for example. Safe
  /// when nobody but root or this user can have the port.
  case distantRoost(AgentIdentity, at: SocketAddress, isSafe: Bool)
  /// Another program, or nothing that speaks HTTP.
  case other(SocketAddress)

  /// Of connecting to one address of this machine.
  private static let connectLimit = Duration.milliseconds(300)
  /// Of the answer to `/info`, once connected.
  private static let answerLimit = Duration.seconds(1)

  /// Asks the addresses in their order for `/info`, to the first roost.
  static func look(_ addresses: [SocketAddress]) -> AgentOnPort {
    var taken: SocketAddress?
    for address in addresses {
      guard let answer = ask(address) else { continue }
      if let identity = answer.identity {
        guard !answer.isOwner else { return .roost(identity, at: address) }
        return .distantRoost(identity, at: address, isSafe: answer.isSafe)
      }
      taken = taken ?? address
    }
    return taken.map { .other($0) } ?? .nobody
  }

  /// `nil` when nothing takes connections there.
  private static func ask(_ address: SocketAddress) -> (identity: AgentIdentity?, isOwner: Bool, isSafe: Bool)? {
    do throws(ControlError) {
      let stream = try StreamSocket.connect(to: address, deadline: .now + connectLimit)
      guard let identity = identity(over: stream) else { return (nil, false, false) }
      return (identity, isOwner(identity, of: address, stream), isSafe(address, stream))
    } catch {
      return nil
    }
  }

  private static func identity(over stream: borrowing StreamSocket) -> AgentIdentity? {
    do throws(ControlError) {
      let response = try PlainHTTP.get("/info", over: stream, deadline: .now + answerLimit)
      return response.status == 200 ? AgentIdentity(infoDocument: Array(response.body.utf8)) : nil
    } catch {
      return nil
    }
  }

  /// Any local program may have the port and say anything; then its word must lead nowhere.
  private static func isOwner(
    _ identity: AgentIdentity, of address: SocketAddress, _ stream: borrowing StreamSocket
  ) -> Bool {
    switch address {
    case .tcp(_, let port): PortOwner.isListening(port: port, pid: identity.pid, uid: identity.uid)
    case .unix: Int64(stream.peerProcessID) == identity.pid && stream.peerUserID == identity.uid
    }
  }

  /// Whether the one that takes connections there is root's or this user's.
  private static func isSafe(_ address: SocketAddress, _ stream: borrowing StreamSocket) -> Bool {
    let own = ProcessSurroundings.userID
    return switch address {
    case .tcp(_, let port): PortOwner.isOfRoot(port: port, or: own)
    case .unix: stream.peerUserID == 0 || stream.peerUserID == own
    }
  }
}
