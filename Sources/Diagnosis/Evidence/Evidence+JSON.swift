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
  /// What a document need not say.
  package static var decodingDefaults: Evidence { Evidence() }
}

extension QuestionEvidence: DecodableWithDefaults {
  /// What a document need not say.
  package static var decodingDefaults: QuestionEvidence { QuestionEvidence() }
}

extension ConfigurationEvidence: DecodableWithDefaults {
  /// What a document need not say.
  package static var decodingDefaults: ConfigurationEvidence { ConfigurationEvidence() }
}

extension LogEvidence: DecodableWithDefaults {
  /// What a document need not say.
  package static var decodingDefaults: LogEvidence {
    LogEvidence(line: 1, text: "", language: "", pattern: "", meaning: "")
  }
  /// What it must say.
  package static var requiredMembers: [String] { ["text"] }
}

extension AgentEvidence: DecodableWithDefaults {
  /// What a document need not say.
  package static var decodingDefaults: AgentEvidence { AgentEvidence() }
}

extension ClientIssueEvidence: DecodableWithDefaults {
  /// What a document need not say.
  package static var decodingDefaults: ClientIssueEvidence { ClientIssueEvidence(kind: "") }
  /// What it must say.
  package static var requiredMembers: [String] { ["kind"] }
}

extension ClientEvidence: DecodableWithDefaults {
  /// What a document need not say.
  package static var decodingDefaults: ClientEvidence {
    ClientEvidence(
      language: "", languageVersion: "", tracerVersion: "", endpoint: "", payloads: 0, traces: 0, lastSeenSecondsAgo: 0)
  }
}

extension SamplingEvidence: DecodableWithDefaults {
  /// What a document need not say.
  package static var decodingDefaults: SamplingEvidence { SamplingEvidence() }
}

extension ServiceEvidence: DecodableWithDefaults {
  /// What a document need not say.
  package static var decodingDefaults: ServiceEvidence { ServiceEvidence(service: "", env: "", hits: 0, resources: 0) }
  /// What it must say.
  package static var requiredMembers: [String] { ["service"] }
}

extension HostEvidence: DecodableWithDefaults {
  /// What a document need not say.
  package static var decodingDefaults: HostEvidence { HostEvidence() }
}

extension ListenerEvidence: DecodableWithDefaults {
  /// What a document need not say.
  package static var decodingDefaults: ListenerEvidence { ListenerEvidence(address: "", port: 0) }
  /// What it must say.
  package static var requiredMembers: [String] { ["address", "port"] }
}

extension UnixSocketEvidence: DecodableWithDefaults {
  /// What a document need not say.
  package static var decodingDefaults: UnixSocketEvidence { UnixSocketEvidence(path: "") }
  /// What it must say.
  package static var requiredMembers: [String] { ["path"] }
}

extension ProcessEvidence: DecodableWithDefaults {
  /// What a document need not say.
  package static var decodingDefaults: ProcessEvidence { ProcessEvidence(pid: 0) }
  /// What it must say.
  package static var requiredMembers: [String] { ["pid"] }
}

extension TracerEvidence: DecodableWithDefaults {
  /// What a document need not say.
  package static var decodingDefaults: TracerEvidence { TracerEvidence(library: "") }
  /// What it must say.
  package static var requiredMembers: [String] { ["library"] }
}

extension ConnectionEvidence: DecodableWithDefaults {
  /// What a document need not say.
  package static var decodingDefaults: ConnectionEvidence {
    ConnectionEvidence(state: "", remoteAddress: "", remotePort: 0)
  }
  /// What it must say.
  package static var requiredMembers: [String] { ["state"] }
}

extension ResolutionEvidence: DecodableWithDefaults {
  /// What a document need not say.
  package static var decodingDefaults: ResolutionEvidence { ResolutionEvidence(name: "") }
  /// What it must say.
  package static var requiredMembers: [String] { ["name"] }
}

extension ProbeEvidence: DecodableWithDefaults {
  /// What a document need not say.
  package static var decodingDefaults: ProbeEvidence { ProbeEvidence(url: "", address: "", outcome: .failed) }
  /// What it must say.
  package static var requiredMembers: [String] { ["url", "address", "outcome"] }
}

extension ProductEvidence: DecodableWithDefaults {
  /// What a document need not say.
  package static var decodingDefaults: ProductEvidence { ProductEvidence(name: "") }
  /// What it must say.
  package static var requiredMembers: [String] { ["name"] }
}
