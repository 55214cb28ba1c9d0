import CMicroHTTPD

// Between a handler that answers later and the answer: the connection is suspended. Whoever brings the answer resumes it,
// and libmicrohttpd calls `finish` again.
extension Worker {
  func wait(for late: LateAnswer, _ connection: Connection, _ mhd: OpaquePointer) -> MHD_Result {
    connection.step = .waiting
    guard let outcome = late.suspend(SuspendedConnection(connection)) else { return .YES }
    return deliver(outcome, connection, mhd)
  }

  func resume(_ connection: Connection, _ mhd: OpaquePointer) -> MHD_Result {
    guard let outcome = connection.late?.takeOutcome() else { return .NO }
    return deliver(outcome, connection, mhd)
  }

  private func deliver(
    _ outcome: LateAnswer.Outcome, _ connection: Connection, _ mhd: OpaquePointer
  ) -> MHD_Result {
    switch outcome {
    case .answer(let answer): send(answer, connection, mhd)
    case .timedOut: send(Answer(status: 504, text: "late-answer-timeout"), connection, mhd)
    case .dropped: send(Answer(status: 500, text: "no-answer"), connection, mhd)
    case .stopping: send(.stopping, connection, mhd)
    case .clientLeft: .NO
    }
  }
}
