/// Finds clients whose clock is wrong from when their spans end, compared with when they arrive.
///
/// A span that starts in the future is proof. A span that ended long ago may only have been sent late, so a clock that is
/// behind has to be behind by the same amount for some time.
struct ClockSkew: Sendable {
  /// Less than this is delay and rounding.
  static let toleranceNs: Int64 = 10_000_000_000
  /// A client that lags is believed after so long with so many payloads, all within `wobbleNs` of the first.
  static let proofNs: Int64 = 10_000_000_000
  static let proofPayloads = 3
  static let wobbleNs: Int64 = 3_000_000_000
  /// Clients watched at a time; the one quiet for longest makes way.
  static let clientsMax = 64

  /// Which clients may have different clocks: a row of the client table at one place.
  struct Client: Sendable, Equatable {
    var row: Int
    var peer: UInt64
  }

  private struct Suspect: Sendable {
    var client: Client
    var offsetNs: Int64
    var sinceNs: Int64
    var lastNs: Int64
    var payloads: Int
  }

  private var suspects: [Suspect] = []

  /// Clients under suspicion; at most `clientsMax`.
  var watched: Int { suspects.count }

  /// Takes in one payload: the latest start and the latest end of its root spans. Returns the skew in seconds, positive
  /// when the client's clock is ahead, once it is certain.
  mutating func observe(_ client: Client, latestStartNs: Int64, latestEndNs: Int64, nowNs: Int64) -> Double? {
    let (offset, overflow) = latestEndNs.subtractingReportingOverflow(nowNs)
    guard !overflow else { return nil }
    let (latestRight, isBeyondTime) = nowNs.addingReportingOverflow(Self.toleranceNs)
    if !isBeyondTime, latestStartNs > latestRight { return Double(offset) / 1e9 }
    guard offset < -Self.toleranceNs else {
      if !suspects.isEmpty { suspects.removeAll { $0.client == client } }
      return nil
    }
    return isConstant(client, offset, nowNs) ? Double(offset) / 1e9 : nil
  }

  private mutating func isConstant(_ client: Client, _ offsetNs: Int64, _ nowNs: Int64) -> Bool {
    guard let known = suspects.firstIndex(where: { $0.client == client }) else {
      if suspects.count == Self.clientsMax,
        let oldest = suspects.indices.min(by: { suspects[$0].lastNs < suspects[$1].lastNs })
      {
        suspects.remove(at: oldest)
      }
      suspects.append(Suspect(client: client, offsetNs: offsetNs, sinceNs: nowNs, lastNs: nowNs, payloads: 1))
      return false
    }
    suspects[known].lastNs = nowNs
    guard
      suspects[known].offsetNs.subtractingReportingOverflow(offsetNs).partialValue.magnitude <= UInt64(Self.wobbleNs)
    else {
      suspects[known] = Suspect(client: client, offsetNs: offsetNs, sinceNs: nowNs, lastNs: nowNs, payloads: 1)
      return false
    }
    suspects[known].payloads += 1
    return suspects[known].payloads >= Self.proofPayloads && nowNs &- suspects[known].sinceNs >= Self.proofNs
  }
}
