/// All diagnoses, in order of their ids. A family is one file under `Rules/`.
package enum DiagnosisTable {
  package static let all: [Diagnosis] =
    ([
      ListeningRules.diagnoses,
      LocalhostRules.diagnoses,
      ContainerRules.diagnoses,
      NameRules.diagnoses,
      NetworkRules.diagnoses,
      LostVariableRules.diagnoses,
      OtherProgramRules.diagnoses,
      WrongProtocolRules.diagnoses,
      UnixSocketRules.diagnoses,
      SocketFileRules.diagnoses,
      SettingsRules.diagnoses,
      TracerRules.diagnoses,
      ProxyRules.diagnoses,
      RequestRules.diagnoses,
      ConnectionRules.diagnoses,
      SamplingRules.diagnoses,
      NamingRules.diagnoses,
      IntakeRules.diagnoses,
    ] as [[Diagnosis]]).flatMap { $0 }.sorted { $0.id < $1.id }.map(\.readingLog)

  /// The diagnosis of a number, in either case of letters; `nil` when there is none.
  package static func find(_ id: String) -> Diagnosis? { all.first { $0.id == id.uppercased() } }
}
