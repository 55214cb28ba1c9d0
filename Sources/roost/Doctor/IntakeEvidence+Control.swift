import Control
import Diagnosis
import Scrubbing

extension IntakeEvidence {
  /// What a running agent says of the way out.
  init(_ info: InfoAnswer) {
    self.init()
    let intake = info.intake
    troubles = intake.troubles.map { IntakeTroubleEvidence($0, nowNs: info.nowNs) }
    lastSuccessSecondsAgo = intake.lastSuccess.map { secondsSince($0.unixNs, nowNs: info.nowNs) }
    waitingPayloads = info.queued.payloads
    waitingBytes = info.queued.bytes
    waitingSeconds = intake.waitingSince.map { secondsSince($0.unixNs, nowNs: info.nowNs) }
    lost = info.lost.mapValues { LossEvidence(payloads: $0.payloads, traces: $0.traces) }
    lastLossSecondsAgo = intake.lastLoss.map { secondsSince($0.unixNs, nowNs: info.nowNs) }
  }
}

extension IntakeTroubleEvidence {
  fileprivate init(_ trouble: IntakeTrouble, nowNs: Int64) {
    self.init()
    state = trouble.state.rawValue
    payloads = trouble.payloads
    endpoint = Scrubber.scrub(trouble.endpoint)
    seconds = secondsSince(trouble.sinceNs, nowNs: nowNs)
    lastSecondsAgo = trouble.last.map { secondsSince($0.unixNs, nowNs: nowNs) }
    attempts = trouble.attempts
    status = trouble.status.map { Int(clamping: $0) }
    text = Scrubber.scrub(trouble.text)
  }
}
