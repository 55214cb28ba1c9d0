import JSON

extension Evidence {
  /// The document that `init(json:)` reads: every member with its name in snake case, dictionaries by their own keys.
  package var json: String {
    get throws { try JSONValueEncoder.encode(self).text }
  }

  /// Reads a saved or hand-written document. Members that are left out have their usual values, so a document need
  /// only say what is special about a case; unknown members are refused, because they are misspelt.
  package init(json: String) throws {
    self = try JSONValueDecoder.decode(Evidence.self, from: JSONValue.parse(json))
  }
}

extension Evidence: DecodableWithDefaults {
  package static var decodingDefaults: Evidence { Evidence() }
}

extension QuestionEvidence: DecodableWithDefaults {
  package static var decodingDefaults: QuestionEvidence { QuestionEvidence() }
}

extension ConfigurationEvidence: DecodableWithDefaults {
  package static var decodingDefaults: ConfigurationEvidence { ConfigurationEvidence() }
}

extension LogEvidence: DecodableWithDefaults {
  package static var decodingDefaults: LogEvidence {
    LogEvidence(line: 1, text: "", language: "", pattern: "", meaning: "")
  }
  package static var requiredMembers: [String] { ["text"] }
}

extension AgentEvidence: DecodableWithDefaults {
  package static var decodingDefaults: AgentEvidence { AgentEvidence() }
}

extension ClientIssueEvidence: DecodableWithDefaults {
  package static var decodingDefaults: ClientIssueEvidence { ClientIssueEvidence(kind: "") }
  package static var requiredMembers: [String] { ["kind"] }
}

extension TracerReportEvidence: DecodableWithDefaults {
  package static var decodingDefaults: TracerReportEvidence { TracerReportEvidence() }
}

extension TracerFailureEvidence: DecodableWithDefaults {
  package static var decodingDefaults: TracerFailureEvidence { TracerFailureEvidence(name: "", reason: "") }
  package static var requiredMembers: [String] { ["name", "reason"] }
}

extension BadPayloadEvidence: DecodableWithDefaults {
  package static var decodingDefaults: BadPayloadEvidence { BadPayloadEvidence(id: 0) }
  package static var requiredMembers: [String] { ["id"] }
}

extension ClientLossEvidence: DecodableWithDefaults {
  package static var decodingDefaults: ClientLossEvidence { ClientLossEvidence() }
  package static var requiredMembers: [String] { ["loss", "reason"] }
}

extension ListenerFailureEvidence: DecodableWithDefaults {
  package static var decodingDefaults: ListenerFailureEvidence { ListenerFailureEvidence() }
  package static var requiredMembers: [String] { ["address", "reason"] }
}

extension ClientEvidence: DecodableWithDefaults {
  package static var decodingDefaults: ClientEvidence {
    ClientEvidence(
      language: "", languageVersion: "", tracerVersion: "", endpoint: "", payloads: 0, traces: 0, lastSeenSecondsAgo: 0)
  }
}

extension IntakeEvidence: DecodableWithDefaults {
  package static var decodingDefaults: IntakeEvidence { IntakeEvidence() }
}

extension IntakeTroubleEvidence: DecodableWithDefaults {
  package static var decodingDefaults: IntakeTroubleEvidence { IntakeTroubleEvidence() }
}

extension LossEvidence: DecodableWithDefaults {
  package static var decodingDefaults: LossEvidence { LossEvidence() }
}

extension SettingEvidence: DecodableWithDefaults {
  package static var decodingDefaults: SettingEvidence { SettingEvidence(name: "") }
  package static var requiredMembers: [String] { ["name"] }
}

extension SenderEvidence: DecodableWithDefaults {
  package static var decodingDefaults: SenderEvidence { SenderEvidence(pid: 0) }
  package static var requiredMembers: [String] { ["pid"] }
}

extension SamplingEvidence: DecodableWithDefaults {
  package static var decodingDefaults: SamplingEvidence { SamplingEvidence() }
}

extension ServiceEvidence: DecodableWithDefaults {
  package static var decodingDefaults: ServiceEvidence { ServiceEvidence(service: "", env: "", hits: 0, resources: 0) }
  package static var requiredMembers: [String] { ["service"] }
}

extension HostEvidence: DecodableWithDefaults {
  package static var decodingDefaults: HostEvidence { HostEvidence() }
}

extension ListenerEvidence: DecodableWithDefaults {
  package static var decodingDefaults: ListenerEvidence { ListenerEvidence(address: "", port: 0) }
  package static var requiredMembers: [String] { ["address", "port"] }
}

extension UnixSocketEvidence: DecodableWithDefaults {
  package static var decodingDefaults: UnixSocketEvidence { UnixSocketEvidence(path: "") }
  package static var requiredMembers: [String] { ["path"] }
}

extension ProcessEvidence: DecodableWithDefaults {
  package static var decodingDefaults: ProcessEvidence { ProcessEvidence(pid: 0) }
  package static var requiredMembers: [String] { ["pid"] }
}

extension TracerEvidence: DecodableWithDefaults {
  package static var decodingDefaults: TracerEvidence { TracerEvidence(library: "") }
  package static var requiredMembers: [String] { ["library"] }
}

extension ConnectionEvidence: DecodableWithDefaults {
  package static var decodingDefaults: ConnectionEvidence {
    ConnectionEvidence(state: "", remoteAddress: "", remotePort: 0)
  }
  package static var requiredMembers: [String] { ["state"] }
}

extension ResolutionEvidence: DecodableWithDefaults {
  package static var decodingDefaults: ResolutionEvidence { ResolutionEvidence(name: "") }
  package static var requiredMembers: [String] { ["name"] }
}

extension ProbeEvidence: DecodableWithDefaults {
  package static var decodingDefaults: ProbeEvidence { ProbeEvidence(url: "", address: "", outcome: .failed) }
  package static var requiredMembers: [String] { ["url", "address", "outcome"] }
}

extension ProductEvidence: DecodableWithDefaults {
  package static var decodingDefaults: ProductEvidence { ProductEvidence(name: "") }
  package static var requiredMembers: [String] { ["name"] }
}
