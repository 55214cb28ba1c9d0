import GRPC

/// What the handler answers: a status, a prepared body, and headers of this one answer.
package struct Answer: Sendable {
  package var status: UInt16
  package var body: PreparedBody
  /// Usually empty. Each answer that has some costs a few allocations.
  package var extraHeaders: [AnswerHeader]
  /// Given back with the event of the connection's end.
  package var marks: AnswerMarks = []
  /// How a call of gRPC ends, where the status of HTTP does not say it well enough. Nothing in HTTP/1.1.
  package var callStatus: CallStatus?

  package init(status: UInt16, body: PreparedBody, extraHeaders: [AnswerHeader] = []) {
    self.status = status
    self.body = body
    self.extraHeaders = extraHeaders
  }
}

extension Answer {
  /// A plain text answer; makes a new body, so keep it when it is sent often.
  package init(status: UInt16, text: String, headers: [AnswerHeader] = []) {
    self.init(status: status, body: PreparedBody(text: text, headers: headers))
  }
}
