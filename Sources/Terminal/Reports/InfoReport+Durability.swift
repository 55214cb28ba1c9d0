import Control
import Text

/// The lines of `roost info` about requests that are on disk before they are answered.
extension InfoReport {
  func durabilityLines(_ drawing: Drawing) -> [String] {
    guard let durability = answer.durability else { return [] }
    var lines: [String] = []
    if let failure = durability.failure {
      let text = "durability  strict: requests are refused, because they cannot be written: \(safeText(failure))"
      lines.append(Style.bad.applied(to: text, colors: drawing.colors))
    } else if durability.isStrict {
      let requests = Self.count(durability.requests, "request")
      lines.append(
        "durability  strict: \(requests) on disk before the answer, \(HumanNumber.bytes(durability.bytes)) in "
          + "\(safeText(durability.path)) are still needed")
    }
    if durability.unconfirmed > 0 {
      let text = "            \(Self.count(durability.unconfirmed, "request")) could not be written and got 503"
      lines.append(Style.warning.applied(to: text, colors: drawing.colors))
    }
    if durability.recoveredRequests > 0 {
      let traces = Self.count(durability.recovered.traces, "trace")
      lines.append(
        "recovered   \(Self.count(durability.recoveredRequests, "request")) that an earlier agent had answered and not "
          + "sent, with \(traces)")
    }
    if durability.damagedRecords > 0 {
      let text = "            \(Self.count(durability.damagedRecords, "record")) of it could not be read"
      lines.append(Style.warning.applied(to: text, colors: drawing.colors))
    }
    return lines
  }

  private static func count(_ number: UInt64, _ name: String) -> String {
    "\(HumanNumber.count(number)) \(name)\(number == 1 ? "" : "s")"
  }
}
