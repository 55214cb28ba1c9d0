import Diagnosis
import Terminal
import Testing

/// What the doctor says of the way out, and never says with it: that all is well.
@Suite("The way out in the doctor")
struct IntakeRuleTests {
  struct Case: Sendable, CustomTestStringConvertible {
    let name: String
    /// Ids of the findings that are to come of it, with their severities.
    let expected: [String: Severity]
    let change: @Sendable (inout AgentEvidence) -> Void

    init(_ name: String, _ expected: [String: Severity], _ change: @escaping @Sendable (inout AgentEvidence) -> Void) {
      self.name = name
      self.expected = expected
      self.change = change
    }

    var testDescription: String { name }
  }

  private static func trouble(
    _ state: String, _ status: Int? = nil, seconds: Double = 75, attempts: UInt64 = 9,
    last: Double? = nil, endpoint: String = "http://10.0.0.7:8080"
  ) -> IntakeTroubleEvidence {
    var trouble = IntakeTroubleEvidence()
    trouble.state = state
    trouble.status = status
    trouble.seconds = seconds
    trouble.lastSecondsAgo = last
    trouble.attempts = attempts
    trouble.endpoint = endpoint
    trouble.text = status.map { "HTTP \($0)" } ?? "no answer"
    return trouble
  }

  static let cases = [
    Case("a healthy intake", [:]) { $0.intake.lastSuccessSecondsAgo = 3 },
    Case("nothing sent yet", [:]) { _ in },
    Case("a busy intake, once, just now", ["RST053": .warning]) {
      $0.intake.lastSuccessSecondsAgo = 3
      $0.intake.troubles = [trouble("failing", 503, seconds: 0.2, attempts: 1)]
    },
    Case("an intake whose first answer ever was an error", ["RST053": .problem]) {
      $0.intake.troubles = [trouble("failing", 500, seconds: 0.2, attempts: 1)]
    },
    Case("429", ["RST053": .problem]) { $0.intake.troubles = [trouble("failing", 429)] },
    Case("a hang", ["RST052": .problem]) { $0.intake.troubles = [trouble("silent", seconds: 6, attempts: 1)] },
    Case("down", ["RST052": .problem]) { $0.intake.troubles = [trouble("failing")] },
    Case("413 a moment ago, while the queue is full", ["RST054": .problem]) {
      $0.intake.lastSuccessSecondsAgo = 0.4
      $0.intake.troubles = [trouble("refusing", 413, seconds: 0.2, attempts: 1)]
      $0.intake.lost = ["intake_rejected_413": LossEvidence(payloads: 1, traces: 3)]
      $0.intake.lastLossSecondsAgo = 0.1
    },
    Case("413 once, five minutes ago, and nothing since", ["RST054": .note]) {
      $0.intake.lastSuccessSecondsAgo = 400
      $0.intake.troubles = [trouble("refusing", 413, seconds: 300, attempts: 1, last: 300)]
    },
    Case("413 five minutes ago, while more waits", ["RST054": .problem]) {
      $0.intake.lastSuccessSecondsAgo = 400
      $0.intake.waitingPayloads = 1
      $0.intake.troubles = [trouble("refusing", 413, seconds: 300, attempts: 1, last: 300)]
    },
    Case("413 for traces long ago, for statistics just now", ["RST054": .problem]) {
      $0.intake.troubles = [300, 5].map { trouble("refusing", 413, seconds: 400, last: $0) }
    },
    Case("a key that another intake refuses", ["RST047": .problem]) { $0.intake.troubles = [trouble("refusing", 403)] },
    Case("a key that was refused five minutes ago, and nothing was sent since", ["RST047": .note]) {
      $0.intake.lastSuccessSecondsAgo = 400
      $0.intake.troubles = [trouble("refusing", 403, seconds: 300, attempts: 1, last: 300)]
    },
    Case("a key that was refused five minutes ago, while more waits", ["RST047": .problem]) {
      $0.intake.waitingPayloads = 1
      $0.intake.troubles = [trouble("refusing", 403, seconds: 300, attempts: 1, last: 300)]
    },
    Case("a key that was taken after it was refused", ["RST047": .note]) {
      $0.intake.lastSuccessSecondsAgo = 3
      $0.intake.waitingPayloads = 1
      $0.intake.troubles = [trouble("refusing", 403, seconds: 40, attempts: 2, last: 20)]
    },
    Case("a key that is refused for traces, while statistics are taken", ["RST047": .problem]) {
      $0.intake.lastSuccessSecondsAgo = 3
      $0.intake.troubles = [trouble("refusing", 403, seconds: 300, attempts: 60, last: 4)]
    },
    Case("statistics that were given up ten minutes ago, and nothing since", ["RST052": .note]) {
      $0.intake.troubles = [trouble("failing", seconds: 900, attempts: 40, last: 600)]
    },
    Case("statistics that were given up, and traces that were taken since", ["RST053": .note]) {
      $0.intake.lastSuccessSecondsAgo = 2
      $0.intake.troubles = [trouble("failing", 503, seconds: 900, attempts: 40, last: 20)]
    },
    Case("statistics that are tried again, while traces are taken", ["RST053": .problem]) {
      $0.intake.lastSuccessSecondsAgo = 2
      $0.intake.waitingPayloads = 1
      $0.intake.troubles = [trouble("failing", 503, seconds: 900, attempts: 40, last: 20)]
    },
    Case("a key of another form than Datadog's, for another intake", [:]) { $0.isAPIKeyWellFormed = false },
    Case("a key of another form than Datadog's, for Datadog", ["RST047": .problem]) {
      $0.isAPIKeyWellFormed = false
      $0.forwardingTo = "https://trace.agent.datadoghq.eu"
    },
    Case("a receiver of OTLP that refuses a header", ["RST054": .problem]) {
      $0.intake.troubles = [trouble("refusing", 401, endpoint: "otlp+http://tempo:4318/v1/traces")]
    },
    Case("a receiver of OTLP that is down", ["RST052": .problem]) {
      $0.intake.troubles = [trouble("failing", endpoint: "otlp+http://tempo:4318/v1/traces")]
    },
    Case("what waits for over a minute without an attempt", ["RST055": .problem]) {
      $0.intake.lastSuccessSecondsAgo = 70
      $0.intake.waitingPayloads = 3
      $0.intake.waitingSeconds = 61
    },
    Case("a payload after a quiet hour", [:]) {
      $0.intake.lastSuccessSecondsAgo = 3600
      $0.intake.waitingPayloads = 1
      $0.intake.waitingSeconds = 0.1
    },
    Case("losses that go on although payloads are taken", ["RST055": .problem]) {
      $0.intake.lastSuccessSecondsAgo = 1
      $0.intake.lost = ["queue_full": LossEvidence(payloads: 9, traces: 90)]
      $0.intake.lastLossSecondsAgo = 3
    },
    Case("losses of a minute ago that a success has followed", ["RST055": .warning]) {
      $0.intake.lastSuccessSecondsAgo = 1
      $0.intake.lost = ["queue_full": LossEvidence(payloads: 9, traces: 90)]
      $0.intake.lastLossSecondsAgo = 50
    },
    Case("losses of an hour ago", ["RST055": .note]) {
      $0.intake.lastSuccessSecondsAgo = 1
      $0.intake.lost = ["queue_full": LossEvidence(payloads: 9, traces: 90)]
      $0.intake.lastLossSecondsAgo = 3600
    },
    Case("data that should be hidden and is forwarded", ["RST056": .problem]) {
      $0.settingsWithoutEffect = [SettingEvidence(name: "apm_config.replace_tags", reason: "not_hidden")]
    },
    Case("data that should be hidden and stays here", ["RST056": .warning]) {
      $0.isForwarding = false
      $0.settingsWithoutEffect = [SettingEvidence(name: "apm_config.replace_tags", reason: "not_hidden")]
    },
    Case("a feature that is not there", ["RST056": .warning]) {
      $0.settingsWithoutEffect = [SettingEvidence(name: "otlp_config", reason: "not_yet")]
    },
    Case("a setting without a meaning", ["RST056": .note]) {
      $0.settingsWithoutEffect = [SettingEvidence(name: "log_to_syslog", reason: "no_meaning")]
    },
    Case("settings of other programs", [:]) {
      $0.settingsWithoutEffect = [SettingEvidence(name: "logs_config", reason: "other_program")]
    },
  ]

  private func evidence(_ change: (inout AgentEvidence) -> Void) throws -> Evidence {
    var evidence = try DiagnosisTests.evidence("healthy")
    evidence.agent?.isForwarding = true
    evidence.agent?.forwardingTo = "http://10.0.0.7:8080"
    // The doctor's own configuration is that of another agent: a site, and a key that looks like none.
    evidence.configuration.hasAPIKey = true
    evidence.configuration.isAPIKeyWellFormed = false
    evidence.configuration.site = "app.datadoghq.eu"
    if evidence.agent != nil { change(&evidence.agent!) }
    return evidence
  }

  @Test("Each state has its finding, and only that of health is good to go", arguments: cases)
  func states(_ example: Case) throws {
    let evidence = try evidence(example.change)
    let examination = Examination(evidence)
    let found = Dictionary(examination.findings.map { ($0.id, $0.severity) }, uniquingKeysWith: max)
    #expect(found == example.expected)
    let isGood = !example.expected.values.contains { $0 > .note }
    let report = DoctorReport(examination, evidence)
    #expect(report.verdict.hasPrefix("Good to go") == isGood, "\(report.verdict)")
  }

  private static let receiverFixes: [(status: Int?, fixes: [String])] = [
    (
      401,
      [
        #"set DD_LOCAL_DESTINATIONS='[{"url": "otlp+http://tempo:4318/v1/traces", "headers": {"authorization": "Bearer "#
          + #"YOUR_TOKEN"}}]' for roost (with the headers that it asks for, and your other destinations)"#,
        "curl -sv -o /dev/null http://tempo:4318/v1/traces   # on the agent's machine: who answers there?",
      ]
    ),
    (
      404,
      [
        "set DD_LOCAL_DESTINATIONS=otlp+http://HOST:4318/PATH for roost (where it takes traces over HTTP)",
        "curl -sv -o /dev/null http://tempo:4318/v1/traces   # on the agent's machine: who answers there?",
      ]
    ),
    (
      nil,
      [
        "curl -sv -o /dev/null http://tempo:4318/v1/traces   # on the agent's machine",
        "set DD_LOCAL_DESTINATIONS=otlp+http://HOST:4318 for roost (if the receiver is elsewhere)",
      ]
    ),
  ]

  @Test(
    "What to do about a receiver of OTLP names its own setting, and an address that other programs take",
    arguments: receiverFixes)
  func receivers(status: Int?, fixes: [String]) throws {
    let state = status == nil ? "failing" : "refusing"
    let evidence = try evidence {
      $0.intake.troubles = [Self.trouble(state, status, endpoint: "otlp+http://tempo:4318/v1/traces")]
    }
    #expect(Examination(evidence).findings.flatMap(\.fix) == fixes)
  }

  @Test("A key is judged by where the agent sends, not by the site of the doctor's configuration")
  func destination() throws {
    let custom = try evidence { $0.intake.troubles = [Self.trouble("refusing", 403)] }
    let finding = try #require(Examination(custom).findings.first)
    #expect(finding.title == "The intake http://10.0.0.7:8080 answers 403: it does not take the API key")
    #expect(!finding.fix.contains { $0.contains("DD_SITE") } && !finding.because.contains { $0.contains("datadog") })

    let datadog = try evidence {
      $0.intake.troubles = [Self.trouble("refusing", 403, endpoint: "https://trace.agent.us3.datadoghq.com")]
    }
    let ofSite = try #require(Examination(datadog).findings.first)
    #expect(ofSite.title.hasSuffix("is not one of us3.datadoghq.com") || ofSite.title.hasSuffix("us3.datadoghq.com"))
    #expect(
      ofSite.fix.contains("set DD_SITE=datadoghq.eu for roost")
        && !ofSite.fix.contains { $0.contains("us3.datadoghq.com") })
  }

  @Test("Traces and statistics that fail alike are one finding, and losses follow from it")
  func together() throws {
    let evidence = try evidence {
      $0.intake.troubles = ["traces", "stats"].map {
        var trouble = Self.trouble("failing")
        trouble.payloads = $0
        return trouble
      }
      $0.intake.lost = ["queue_full": LossEvidence(payloads: 9, traces: 90)]
      $0.intake.lastLossSecondsAgo = 1
    }
    let examination = Examination(evidence)
    #expect(examination.findings.map(\.id) == ["RST052"])
    #expect(examination.consequences["RST052"]?.map(\.id) == ["RST055"])
  }

  @Test("The time of a refusal ends with the last one")
  func refusalTime() throws {
    let evidence = try evidence {
      $0.intake.troubles = [Self.trouble("refusing", 413, seconds: 300, attempts: 4, last: 100)]
    }
    let finding = try #require(Examination(evidence).findings.first)
    #expect(finding.title.hasSuffix(" refused the last payload of traces with 413, 1 min 40 s ago"))
    #expect(finding.because.first == "traces: HTTP 413, for 3 min 20 s, the last 1 min 40 s ago, 4 attempts")
  }

  @Test(
    "A setting without effect is renamed or taken out, where it stands",
    arguments: [
      (
        SettingEvidence(
          name: "DD_APM_ENVV", origin: "DD_APM_ENVV", reason: "unknown",
          about: "unknown variable; did you mean DD_APM_ENV?"),
        "set DD_APM_ENV for roost to the value of DD_APM_ENVV, take DD_APM_ENVV out, and start roost as before"
      ),
      (
        SettingEvidence(
          name: "apm_config.recever_port", origin: "datadog.yaml:3", reason: "unknown",
          about: "unknown key; did you mean receiver_port?"),
        "write receiver_port in place of apm_config.recever_port in datadog.yaml:3"
      ),
      (
        SettingEvidence(name: "DD_APM_ZEBRA", origin: "DD_APM_ZEBRA", reason: "unknown", about: "unknown variable"),
        "take DD_APM_ZEBRA out of what roost is started with"
      ),
      (
        SettingEvidence(name: "otlp_config", origin: "datadog.yaml:9", reason: "not_yet", about: "OTLP"),
        "take otlp_config out of datadog.yaml:9"
      ),
    ])
  func settingFix(_ setting: SettingEvidence, _ fix: String) throws {
    let evidence = try evidence { $0.settingsWithoutEffect = [setting] }
    #expect(Examination(evidence).findings.first?.fix == [fix])
  }

  @Test("The doctor's own settings are not judged while an agent of somebody else runs")
  func hiddenAgent() throws {
    var evidence = try evidence { _ in }
    evidence.agent = nil
    evidence.configuration.intakeURL = "https://trace.agent.datadoghq.eu"
    evidence.configuration.problems = ["error: DD_SITE: \"…\" is an address, not the site; write datadoghq.eu"]
    evidence.configuration.settingsWithoutEffect = [SettingEvidence(name: "apm_config.replace_tags")]
    let diagnoses = try ["RST047", "RST056"].map { try #require(DiagnosisTable.find($0)) }
    #expect(diagnoses.map { $0.rule(evidence).count } == [2, 1])
    evidence.isAgentHidden = true
    #expect(diagnoses.map { $0.rule(evidence).count } == [0, 0])
  }

  @Test("Without an agent, what would have no effect is a note")
  func withoutAgent() throws {
    var evidence = try evidence { _ in }
    evidence.agent = nil
    evidence.configuration.settingsWithoutEffect = [SettingEvidence(name: "apm_config.replace_tags")]
    let diagnosis = try #require(DiagnosisTable.find("RST056"))
    #expect(diagnosis.rule(evidence).map(\.severity) == [.note])
  }

  @Test(
    "A setting that the agent does not start with gets what is meant",
    arguments: [
      ("DD_SITE: \"…\" is an address, not the site; write us5.datadoghq.com", "DD_SITE=us5.datadoghq.com"),
      ("DD_SITE: \"…datadoghq.eu\" is an address, not the site; write datadoghq.eu", "DD_SITE=datadoghq.eu"),
      ("DD_APM_DD_URL: \"…datadoghq.eu\" is no URL", "DD_APM_DD_URL=https://trace.agent.datadoghq.eu"),
      ("DD_SITE: \"…\" is not a domain; write it without https:// and path, such as datadoghq.eu", "DD_SITE=YOUR_SITE"),
      ("DD_API_KEY: is empty", "DD_API_KEY=YOUR_KEY"),
    ])
  func refusedSetting(_ problem: String, _ fix: String) throws {
    var evidence = Evidence()
    evidence.configuration.problems = ["error: " + problem]
    let diagnosis = try #require(DiagnosisTable.find("RST047"))
    #expect(diagnosis.rule(evidence).first?.fix.first?.hasPrefix("set \(fix) for roost") == true)
  }
}
