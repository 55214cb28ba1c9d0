import JSON

/// The settings that explain an agent's numbers; secrets are not part of it.
package struct ConfigurationSummary: Sendable, Equatable, Codable {
  /// Traces a second that sampling aims at.
  package var targetTPS: Double
  /// Traces with errors a second that are kept beyond that.
  package var errorTPS: Double
  /// The environment given to spans that bring none.
  package var env: String
  /// Where everything goes, if anywhere.
  @Flattened package var forwarding: ForwardingState

  /// The API key has not the form of Datadog's, 32 hexadecimal digits; other intakes may have such keys.
  package var hasUnusualAPIKey = false
  /// Settings that were found and change nothing, at most 200.
  package var settingsWithoutEffect: [SettingRow] = []

  /// Off without a reason until it is said.
  package init(targetTPS: Double = 0, errorTPS: Double = 0, env: String = "", forwarding: ForwardingState = .off("")) {
    self.targetTPS = targetTPS
    self.errorTPS = errorTPS
    self.env = env
    self.forwarding = forwarding
  }
}

/// A setting that somebody wrote and that changes nothing.
package struct SettingRow: Sendable, Equatable, Codable {
  /// The key's path or the variable: `apm_config.replace_tags`, `DD_APM_REPLACE_TAGS`.
  package var name: String
  /// Where it was found: `datadog.yaml:14`, or the variable.
  package var origin: String
  /// `not_hidden`, `not_yet`, `unknown`, `no_meaning` or `other_program`.
  package var reason: String
  /// What it would be about.
  package var about: String

  /// A setting with where it was found.
  package init(name: String, origin: String, reason: String, about: String) {
    self.name = name
    self.origin = origin
    self.reason = reason
    self.about = about
  }

  /// It is meant for a program like this one; others are only listed.
  package var isForAgent: Bool { reason != "other_program" }
}

/// Where traces and statistics go, or why they go nowhere.
package enum ForwardingState: Sendable, Equatable {
  /// The intake's URL, without user or key.
  case on(String)
  /// The reason, as a person should read it: `no API key (set DD_API_KEY)`.
  case off(String)
}

extension ForwardingState: Codable {
  private enum CodingKeys: CodingKey { case forwarding, forwardingTo, forwardingOffReason }

  /// On where there is a URL.
  package init(from decoder: any Decoder) throws {
    let members = try decoder.container(keyedBy: CodingKeys.self)
    if let url = try members.decodeIfPresent(String.self, forKey: .forwardingTo) {
      self = .on(url)
    } else {
      self = .off(try members.decodeIfPresent(String.self, forKey: .forwardingOffReason) ?? "")
    }
  }

  /// `forwarding` says which of the other two members is there.
  package func encode(to encoder: any Encoder) throws {
    var members = encoder.container(keyedBy: CodingKeys.self)
    switch self {
    case .on(let url):
      try members.encode(true, forKey: .forwarding)
      try members.encode(url, forKey: .forwardingTo)
    case .off(let reason):
      try members.encode(false, forKey: .forwarding)
      try members.encode(reason, forKey: .forwardingOffReason)
    }
  }
}
