import Control
import Text

/// What `roost` alone and `roost info` say of the way out.
struct IntakeLines {
  let answer: InfoAnswer

  /// Payloads that wait for longer are more than the intake takes.
  private static let patienceNs: Int64 = 60_000_000_000
  /// Traces are sent every 5 s and statistics every 10 s, as long as there are any.
  private static let betweenPayloadsNs: Int64 = 15_000_000_000

  /// What does not go through, a line for each intake and cause: `http://127.0.0.1:9 does not take traces: HTTP 413, for
  /// 2m05s (12 attempts)`. Empty when all goes through.
  var troubles: [String] { lines { !isPast($0) } }

  /// Payloads that were refused or given up long ago, after which nothing was sent, or by an intake that has taken others
  /// since: whether it would happen again, nobody knows.
  var past: [String] { lines(where: isPast) }

  private func isPast(_ trouble: IntakeTrouble) -> Bool {
    guard trouble.state != .silent, let last = trouble.last else { return false }
    let age = answer.nowNs &- last.unixNs
    let isOfKey = trouble.state == .refusing && Self.isAboutKey(trouble)
    let isTaken = (answer.intake.lastSuccessNs ?? .min) > last.unixNs && age > Self.betweenPayloadsNs
    // One key is for all kinds of payloads; a refusal for any other reason says nothing of another kind.
    if isOfKey, isTaken { return true }
    guard answer.queued.payloads == 0 else { return false }
    return age > Self.patienceNs || trouble.state == .failing && isTaken
  }

  private static func isAboutKey(_ trouble: IntakeTrouble) -> Bool { [401, 403].contains(trouble.status ?? 0) }

  /// What kinds of payloads are called. Those of OTLP differ in how they are compressed, which one destination has one of.
  private static let names = ["stats": "statistics", "otlp": "traces", "otlp_zstd": "traces", "otlp_plain": "traces"]

  /// What a receiver of OTLP refuses is lost, and it knows no key.
  private static func isOTLP(_ trouble: IntakeTrouble) -> Bool { trouble.payloads.hasPrefix("otlp") }

  private func lines(where isMeant: (IntakeTrouble) -> Bool) -> [String] {
    var rows: [(first: IntakeTrouble, payloads: [String])] = []
    for trouble in answer.intake.troubles where isMeant(trouble) {
      let name = Self.names[trouble.payloads] ?? trouble.payloads
      let same = rows.firstIndex {
        $0.first.endpoint == trouble.endpoint && $0.first.state == trouble.state && $0.first.text == trouble.text
      }
      if let same { rows[same].payloads.append(name) } else { rows.append((trouble, [name])) }
    }
    return rows.map { row in
      let trouble = row.first
      let what = row.payloads.map(safeText).joined(separator: " and ")
      let text = safeText(trouble.text)
      let attempts = trouble.attempts > 1 ? " (\(HumanNumber.count(trouble.attempts)) attempts)" : ""
      let does =
        switch trouble.state {
        case .refusing where isPast(trouble): "refused the last payload of \(what): \(text)\(refusalTime(trouble))"
        case .refusing where Self.isAboutKey(trouble) && Self.isOTLP(trouble):
          "refuses \(what): \(text), a header of it in local.destinations is missing or wrong\(refusalTime(trouble))\(attempts)"
        case .refusing where Self.isAboutKey(trouble):
          "refuses \(what): \(text), the key or the site is wrong\(refusalTime(trouble))\(attempts)"
        case .refusing: "refuses \(what): \(text)\(refusalTime(trouble))\(attempts)"
        case .failing where isPast(trouble): "did not take the last payload of \(what): \(text)\(refusalTime(trouble))"
        case .failing: "does not take \(what): \(text), for \(span(trouble.sinceNs))\(attempts)"
        case .silent: "has not answered yet, after \(span(trouble.sinceNs)) (\(what))"
        }
      return "\(safeText(trouble.endpoint)) \(does)"
    }
  }

  /// Nothing is tried again after a refusal, so the time ends with the last one: `, for 2m05s, the last 40s ago`.
  private func refusalTime(_ trouble: IntakeTrouble) -> String {
    guard let last = trouble.last else { return ", for \(span(trouble.sinceNs))" }
    if trouble.attempts <= 1 || isPast(trouble) { return ", " + ago(last.unixNs) }
    let lasting = ", for \(span(trouble.sinceNs, to: last.unixNs))"
    return answer.nowNs &- last.unixNs < 5_000_000_000 ? lasting : lasting + ", the last " + ago(last.unixNs)
  }

  /// When a payload was last taken.
  var success: String {
    guard let last = answer.intake.lastSuccessNs else { return "nothing has been taken yet" }
    return "last took a payload \(ago(last))"
  }

  /// `12 payloads (1.2 MB) wait, 10 of them on disk, the oldest for 45s`; `nil` when none does.
  var waiting: String? {
    let queued = answer.queued
    guard queued.payloads > 0 else { return nil }
    let age = answer.intake.waitingSince.map { ", the oldest for \(span($0.unixNs))" } ?? ""
    let spooled = answer.spooled.payloads
    let place =
      spooled == 0 ? "" : spooled >= queued.payloads ? " on disk" : ", \(HumanNumber.count(spooled)) of them on disk"
    return "\(payloads(queued.payloads)) (\(HumanNumber.bytes(queued.bytes))) "
      + (queued.payloads == 1 ? "waits" : "wait") + place + age
  }

  /// Something has waited for longer than an intake in health needs.
  var isWaitingLong: Bool {
    guard answer.queued.payloads > 0, let since = answer.intake.waitingSince else { return false }
    return answer.nowNs &- since.unixNs >= Self.patienceNs
  }

  /// `lost 4 payloads with 60 traces (queue_full 3, intake_rejected_413 1), the last 2m ago`; `nil` when nothing was.
  var lost: String? {
    let losses = answer.lost.filter { $0.value != LossCounts() }
    guard !losses.isEmpty else { return nil }
    var (payloads, traces): (UInt64, UInt64) = (0, 0)
    for loss in losses.values {
      payloads &+= loss.payloads
      traces &+= loss.traces
    }
    let reasons = losses.sorted { ($1.value.payloads, $0.key) < ($0.value.payloads, $1.key) }.map { reason, loss in
      "\(safeText(reason)) \(HumanNumber.count(max(loss.payloads, 1)))"
    }
    let inside = traces == 0 ? "" : " with \(HumanNumber.count(traces)) trace\(traces == 1 ? "" : "s")"
    let last = answer.intake.lastLoss.map { ", the last \(ago($0.unixNs))" } ?? ""
    return "lost \(self.payloads(payloads))\(inside) (\(reasons.joined(separator: ", ")))\(last)"
  }

  /// Something was lost in the last hour, or it is not known when.
  var hasLostLately: Bool {
    lost != nil && answer.intake.lastLoss.map { answer.nowNs &- $0.unixNs < 3_600_000_000_000 } ?? true
  }

  private func payloads(_ count: UInt64) -> String { "\(HumanNumber.count(count)) payload\(count == 1 ? "" : "s")" }

  private func ago(_ timeNs: Int64) -> String {
    let age = HumanDuration.age(of: timeNs, now: answer.nowNs)
    return age == "now" ? "just now" : age + " ago"
  }

  private func span(_ sinceNs: Int64, to endNs: Int64? = nil) -> String {
    let (elapsed, overflow) = (endNs ?? answer.nowNs).subtractingReportingOverflow(sinceNs)
    return HumanDuration.uptime(overflow || elapsed < 0 ? 0 : UInt64(elapsed))
  }
}

extension ConfigurationSummary {
  /// `13 settings have no effect`; `nil` when all have. Those of other programs do not count.
  var settingsWithoutEffectText: String? {
    let count = settingsWithoutEffect.filter(\.isForAgent).count
    return count == 0 ? nil : count == 1 ? "1 setting has no effect" : "\(count) settings have no effect"
  }

  /// Somebody counts on one of them in vain; others have nothing that they could change.
  var hasSettingInVain: Bool { settingsWithoutEffect.contains { $0.isForAgent && $0.reason != "no_meaning" } }
}
