import Exporting
import Store

/// What a receiving thread has to do when its shard's lock is open again.
///
/// A log whose reader sleeps makes its writer wait, and handing a payload over may log too. Under the lock that would
/// stop the thread, and all who query the shard.
struct Outbox: Sendable {
  /// A line for the log.
  struct Warning: Sendable {
    /// Lines of one kind are thinned out together; those of none are few by themselves.
    let kind: String?
    let message: String
    /// Whether `roost info -v` lists it too.
    let isListed: Bool
  }

  /// Lines for the log that say nothing bad.
  private(set) var notices: [String] = []

  private(set) var payloads: [OutgoingPayload] = []
  private(set) var blocks: [TraceBlock] = []
  private(set) var warnings: [Warning] = []

  mutating func send(_ payloads: [OutgoingPayload]) { self.payloads += payloads }

  /// Has the payloads changed before they leave.
  mutating func changePayloads(_ change: (inout [OutgoingPayload]) -> Void) { change(&payloads) }

  /// Hands traces to the store; nothing when there are none.
  mutating func store(_ block: TraceBlock?) {
    if let block { blocks.append(block) }
  }

  /// To be logged as a milestone. Never for what clients can cause any number of.
  mutating func note(_ message: String) { notices.append(message) }

  mutating func warn(kind: String, _ message: String, isListed: Bool = false) {
    warnings.append(Warning(kind: kind, message: message, isListed: isListed))
  }

  /// Never for what clients can cause any number of.
  mutating func warn(_ message: String, isListed: Bool) {
    warnings.append(Warning(kind: nil, message: message, isListed: isListed))
  }
}

extension ReceivingShard {
  /// Does what is in the outbox. Never under the lock.
  func deliver(_ outbox: Outbox) {
    for payload in outbox.payloads { parts.pipeline.forwarder?.enqueue(payload) }
    for block in outbox.blocks { parts.pipeline.storing?.add(block) }
    for notice in outbox.notices { parts.log.info(notice) }
    for warning in outbox.warnings {
      if warning.isListed { parts.observers.errors.add(warning.message, atNs: parts.clock.nowNs) }
      if let kind = warning.kind {
        parts.log.warn(kind: kind, warning.message)
      } else {
        parts.log.warn(warning.message)
      }
    }
  }
}
