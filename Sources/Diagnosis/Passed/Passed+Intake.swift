/// RST047 to RST056: what the agent forwards, and its own settings.
extension Passed {
  static func keyAndSite(_ evidence: Evidence) -> String {
    guard let agent = evidence.agent else {
      if evidence.isAgentHidden { return ownConfiguration }
      return evidence.configuration.hasAPIKey ? "the API key looks like one" : "no API key is set: nothing is forwarded"
    }
    if agent.isForwarding, IntakeRules.isOTLP(agent.forwardingTo) {
      return "no API key is set: traces go to local.destinations, which need none"
    }
    if agent.isForwarding { return "the API key is well formed, and has not been refused" }
    return off(agent)
  }

  private static let ownConfiguration = "the agent that runs has a configuration of its own, which cannot be seen"

  private static func off(_ agent: AgentEvidence) -> String {
    "forwarding is off" + (agent.forwardingOffReason.isEmpty ? "" : ": \(agent.forwardingOffReason)")
  }

  /// What is said of the intake while roost forwards to it.
  private static func forwarding(_ evidence: Evidence, _ text: (IntakeEvidence) -> String) -> String {
    guard let agent = evidence.agent else { return "no roost is asked that could forward" }
    return agent.isForwarding ? text(agent.intake) : off(agent)
  }

  static func intakeReached(_ evidence: Evidence) -> String {
    forwarding(evidence) { intake in
      intake.lastSuccessSecondsAgo.map { "the intake took a payload \(ConnectionRules.span($0)) ago" }
        ?? "nothing had to be sent to the intake yet"
    }
  }

  static func intakeWithoutErrors(_ evidence: Evidence) -> String {
    forwarding(evidence) { "\(count($0.waitingPayloads, "payload")) on the way, none answered with an error" }
  }

  static func intakeTakes(_ evidence: Evidence) -> String {
    forwarding(evidence) { _ in "the intake has refused no payload" }
  }

  static func nothingLost(_ evidence: Evidence) -> String {
    forwarding(evidence) { "\(count($0.waitingPayloads, "payload")) waiting, none given up" }
  }

  static func settingsInEffect(_ evidence: Evidence) -> String {
    evidence.isAgentHidden ? ownConfiguration : "every setting of roost that is set here is in effect"
  }
}
