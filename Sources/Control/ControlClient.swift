import Platform

/// A command's side of the control protocol: queries the agent behind one control socket.
package struct ControlClient: Sendable {
  /// Where the agent's control socket is.
  package let path: String
  /// The agent that named the socket, which has to be who listens there; `nil` for a socket that the user's own
  /// configuration names.
  private let agent: AgentIdentity?

  /// Opens nothing yet; each query has a connection of its own.
  ///
  /// - Parameter agent: who has to listen there. Its word is no reason to talk to another process.
  package init(path: String, of agent: AgentIdentity? = nil) {
    self.path = path
    self.agent = agent
  }

  /// What keeps this user from querying; `nil` when nothing does. Asks nothing.
  package func problem() -> ControlError? {
    do throws(ControlError) {
      try trust(try connect(deadline: .now + ControlProtocol.timeout))
      return nil
    } catch {
      return error
    }
  }

  /// Looks who listens on the socket; asks nothing, so that an agent does not take a look for work.
  package func lookAtListener() -> ControlListening {
    do {
      let stream = try StreamSocket.connect(to: .unix(path: path), deadline: .now + ControlProtocol.timeout)
      return .somebody(pid: stream.peerProcessID)
    } catch .noAgent {
      return .nobody
    } catch {
      // Whatever stands in the way, it is not known to be gone.
      return .somebody(pid: 0)
    }
  }

  /// Asks one query over a connection of its own and returns the answer.
  ///
  /// `ControlAnswer.refused` is thrown as `ControlError.refused`, and `.busy` as `.busy`.
  ///
  /// - Parameter limit: of the whole exchange; `nil` is as long as such an answer may take. Shorter where something else
  ///   must not wait.
  package func query(
    _ query: ControlQuery, within limit: Duration? = nil
  ) throws(ControlError) -> ControlAnswer {
    let deadline = ContinuousClock.now + (limit ?? query.timeLimit)
    let stream = try connect(deadline: deadline)
    try trust(stream)
    let message = try query.message
    do {
      try ControlFrame.write(
        message, limit: ControlProtocol.questionBytesMax, to: stream, deadline: deadline)
    } catch .closedEarly {
      // The agent may have answered without reading, for example to say why it refuses.
    }
    let answer = try ControlAnswer(
      ControlFrame.read(limit: ControlProtocol.answerBytesMax, from: stream, deadline: deadline))
    if case .refused(let why) = answer { throw .refused(why) }
    if case .busy(let why) = answer { throw .busy(why) }
    return answer
  }

  private func connect(deadline: ContinuousClock.Instant) throws(ControlError) -> StreamSocket {
    do {
      return try StreamSocket.connect(to: .unix(path: path), deadline: deadline)
    } catch {
      switch error {
      case .noAgent, .notPermitted: throw ControlFolder.squatter(forSocket: path) ?? error
      default: throw error
      }
    }
  }

  /// In a folder that others may write to, someone else could listen under our name.
  private func trust(_ stream: borrowing StreamSocket) throws(ControlError) {
    if let agent {
      guard stream.peerUserID == agent.uid, Int64(stream.peerProcessID) == agent.pid else {
        throw .notPermitted(
          path: stream.peerName, detail: "another process listens there than the agent that names it")
      }
      return
    }
    guard let owner = stream.peerUserID else { return }
    guard mayTalk(owner, geteuid()) else {
      throw .notPermitted(path: stream.peerName, detail: "the agent runs as another user (uid \(owner))")
    }
  }
}

/// Users trust themselves and root.
func mayTalk(_ one: uid_t, _ other: uid_t) -> Bool { one == other || one == 0 || other == 0 }

/// Who listens on a control socket.
package enum ControlListening: Sendable, Equatable {
  /// There is no socket, or it is left over.
  case nobody
  /// A process; 0 when its number cannot be seen from here.
  case somebody(pid: Int32)

  /// Whether it is certainly another process than `other`.
  package func differs(from other: ControlListening) -> Bool {
    guard case .somebody(let pid) = self, case .somebody(let before) = other else { return false }
    return pid != 0 && before != 0 && pid != before
  }
}
