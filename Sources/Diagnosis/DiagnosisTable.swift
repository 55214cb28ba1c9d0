/// All diagnoses, in order of their ids.
///
/// A new one is a rule under `Rules/`, a text under `Explanations/`, a row here, and fixtures for both directions.
package enum DiagnosisTable {
  package static let all: [Diagnosis] = rows.map(\.readingLog)

  /// The diagnosis of a number, in either case of letters; `nil` when there is none.
  package static func find(_ id: String) -> Diagnosis? { all.first { $0.id == id.uppercased() } }

  private static let rows: [Diagnosis] = [
    Diagnosis(.rst001, .problem, keepsTracesAway: true, rule: ListeningRules.nothingListens),
    Diagnosis(.rst002, .problem, keepsTracesAway: true, rule: LocalhostRules.ipv4Only),
    Diagnosis(.rst003, .problem, keepsTracesAway: true, rule: LocalhostRules.twins),
    Diagnosis(.rst004, .problem, keepsTracesAway: true, systems: ["linux"], rule: ContainerRules.foreignLocalhost),
    Diagnosis(.rst005, .problem, keepsTracesAway: true, rule: ContainerRules.loopbackOnly),
    Diagnosis(.rst006, .problem, keepsTracesAway: true, rule: ContainerRules.nothingBehind),
    Diagnosis(.rst007, .problem, keepsTracesAway: true, systems: ["linux"], rule: ContainerRules.notPublished),
    Diagnosis(.rst008, .problem, keepsTracesAway: true, rule: NameRules.unknownName),
    Diagnosis(.rst009, .problem, keepsTracesAway: true, systems: ["linux"], rule: NameRules.dockerInternal),
    Diagnosis(.rst010, .problem, keepsTracesAway: true, rule: NetworkRules.staleAddress),
    Diagnosis(.rst011, .problem, keepsTracesAway: true, rule: NetworkRules.silentDrop),
    Diagnosis(.rst012, .problem, keepsTracesAway: true, systems: ["linux"], rule: NetworkRules.noHostPort),
    Diagnosis(
      .rst013, .problem, keepsTracesAway: true, disproof: .anyArrival, systems: ["linux"], rule: LostVariableRules.lost),
    Diagnosis(.rst014, .problem, keepsTracesAway: true, rule: OtherProgramRules.foreignProgram),
    Diagnosis(.rst015, .problem, keepsTracesAway: true, rule: OtherProgramRules.datadogAgent),
    Diagnosis(.rst016, .problem, keepsTracesAway: true, rule: OtherProgramRules.otherProduct),
    Diagnosis(.rst017, .note, rule: OtherProgramRules.socketActivated),
    Diagnosis(.rst018, .problem, keepsTracesAway: true, disproof: .anyArrival, rule: WrongProtocolRules.tls),
    Diagnosis(.rst019, .problem, keepsTracesAway: true, disproof: .anyArrival, rule: WrongProtocolRules.otlp),
    Diagnosis(.rst020, .problem, keepsTracesAway: true, disproof: .anyArrival, rule: WrongProtocolRules.statsd),
    Diagnosis(.rst021, .problem, keepsTracesAway: true, rule: UnixSocketRules.stolen),
    Diagnosis(.rst022, .problem, keepsTracesAway: true, rule: UnixSocketRules.stale),
    Diagnosis(.rst023, .problem, keepsTracesAway: true, rule: UnixSocketRules.permission),
    Diagnosis(.rst024, .problem, keepsTracesAway: true, rule: SocketFileRules.datagram),
    Diagnosis(.rst025, .problem, keepsTracesAway: true, rule: SocketFileRules.notMounted),
    Diagnosis(.rst026, .problem, keepsTracesAway: true, disproof: .anyArrival, rule: SocketFileRules.tooLong),
    Diagnosis(.rst027, .warning, rule: SettingsRules.conflict),
    Diagnosis(.rst028, .problem, keepsTracesAway: true, disproof: .anyArrival, rule: SettingsRules.malformed),
    Diagnosis(.rst029, .warning, keepsTracesAway: true, disproof: .anyArrival, rule: SettingsRules.unread),
    Diagnosis(.rst030, .warning, rule: SettingsRules.empty),
    Diagnosis(.rst031, .problem, keepsTracesAway: true, disproof: .anyArrival, rule: TracerRules.turnedOff),
    Diagnosis(.rst032, .problem, keepsTracesAway: true, disproof: .anyArrival, rule: TracerRules.notLoaded),
    Diagnosis(.rst033, .problem, keepsTracesAway: true, disproof: .anyArrival, rule: ForkingServerRules.forkedServer),
    Diagnosis(.rst034, .warning, needsAgent: true, rule: TracerRules.vanished),
    Diagnosis(.rst035, .problem, keepsTracesAway: true, rule: ProxyRules.captured),
    Diagnosis(.rst036, .problem, needsAgent: true, rule: UnservedPathRules.notFound),
    Diagnosis(.rst037, .problem, needsAgent: true, rule: RequestRules.undecodable),
    Diagnosis(.rst038, .problem, needsAgent: true, rule: RequestRules.tooLarge),
    Diagnosis(.rst039, .warning, needsAgent: true, rule: RequestRules.countMismatch),
    Diagnosis(.rst040, .problem, needsAgent: true, rule: RequestRules.backPressure),
    Diagnosis(.rst041, .warning, rule: ConnectionRules.pileUp),
    Diagnosis(.rst042, .warning, needsAgent: true, rule: ConnectionRules.skew),
    Diagnosis(.rst043, .note, rule: SamplingRules.droppedByTracer),
    Diagnosis(.rst044, .warning, needsAgent: true, rule: SamplingRules.rateLimited),
    Diagnosis(.rst045, .warning, rule: NamingRules.poorNames),
    Diagnosis(.rst046, .note, needsAgent: true, rule: NamingRules.withoutRoot),
    Diagnosis(.rst047, .problem, rule: IntakeRules.wrongKeyOrSite),
    Diagnosis(.rst052, .problem, needsAgent: true, rule: IntakeRules.unreachable),
    Diagnosis(.rst053, .problem, needsAgent: true, rule: IntakeRules.answersWithErrors),
    Diagnosis(.rst054, .problem, needsAgent: true, rule: IntakeRules.refusesPayloads),
    Diagnosis(.rst055, .problem, needsAgent: true, rule: IntakeRules.losses),
    Diagnosis(.rst056, .warning, rule: AgentSettingRules.withoutEffect),
  ]
}
