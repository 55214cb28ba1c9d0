import Control
import Text

extension InfoReport {
  /// How clients connect, how the intake answers, and what the sampler forgot; only what there is.
  var connectionLines: [String] {
    let counts = answer.connections
    var lines: [String] = []
    if counts.accepted > 0 {
      let bodies = counts.bodyBytesInFlight
      lines.append(
        "connections  \(HumanNumber.count(counts.open)) open of \(HumanNumber.count(counts.accepted)) accepted"
          + (bodies > 0 ? ", \(HumanNumber.bytes(bodies)) of bodies arriving" : ""))
    }
    let troubles: [(UInt64, String)] = [
      (counts.malformed, "requests broke HTTP's rules"),
      (counts.idleClosed, "connections were closed because nothing came, or no answer was taken"),
      (counts.gaveWay, "connections, silent or unfinished, gave way to new ones because too many were open"),
      (counts.acceptPauses, "times new clients had to wait because too many connections were open"),
      (counts.descriptorsExhausted, "times no connection could be accepted for want of descriptors or memory"),
      (counts.acceptErrors, "times no connection could be accepted for another reason"),
    ]
    lines += troubles.filter { $0.0 > 0 }.map { "             \(HumanNumber.count($0.0)) \($0.1)" }
    lines += lastFailureLines
    if answer.catalogEvictions > 0 {
      lines.append("sampler      forgot \(HumanNumber.count(answer.catalogEvictions)) services, there were too many")
    }
    return lines
  }

  private var lastFailureLines: [String] {
    guard let failure = answer.intake.lastFailure else { return [] }
    return ["intake       last failure: \(age(failure.atNs)), \(safeText(failure.endpoint)): \(safeText(failure.text))"]
  }

  private func age(_ timeNs: Int64) -> String {
    let age = HumanDuration.age(of: timeNs, now: answer.nowNs)
    return age == "now" ? "just now" : age + " ago"
  }
}
