/// All diagnoses, in order of their ids.
///
/// A new one is a rule under `Rules/`, what it found where nothing is wrong under `Passed/`, a text under `Explanations/`,
/// a row here, and fixtures for both directions.
package enum DiagnosisTable {
  package static let all: [Diagnosis] = rows.map(\.readingLog)

  /// The diagnosis of a number, in either case of letters; `nil` when there is none.
  package static func find(_ id: String) -> Diagnosis? { all.first { $0.id == id.uppercased() } }

  private static let rows: [Diagnosis] = [
    Diagnosis(.rst001, .problem, keepsTracesAway: true, rule: ListeningRules.nothingListens, passed: Passed.listening),
    Diagnosis(.rst002, .problem, keepsTracesAway: true, rule: LocalhostRules.ipv4Only, passed: Passed.localhost),
    Diagnosis(.rst003, .problem, keepsTracesAway: true, rule: LocalhostRules.twins, passed: Passed.oneOwner),
    Diagnosis(
      .rst004, .problem, keepsTracesAway: true, disproof: .anyArrival, systems: ["linux"],
      rule: ContainerRules.foreignLocalhost,
      passed: Passed.sameLocalhost),
    Diagnosis(
      .rst005, .problem, keepsTracesAway: true, rule: ContainerRules.loopbackOnly, passed: Passed.reachableFromOutside),
    Diagnosis(
      .rst006, .problem, keepsTracesAway: true, rule: ContainerRules.nothingBehind, passed: Passed.answersBehind),
    Diagnosis(
      .rst007, .problem, keepsTracesAway: true, systems: ["linux"], rule: ContainerRules.notPublished,
      passed: Passed.published),
    Diagnosis(.rst008, .problem, keepsTracesAway: true, rule: NameRules.unknownName, passed: Passed.resolved),
    Diagnosis(
      .rst009, .problem, keepsTracesAway: true, disproof: .anyArrival, systems: ["linux"],
      rule: NameRules.dockerInternal,
      passed: Passed.dockerName),
    Diagnosis(.rst010, .problem, keepsTracesAway: true, rule: NetworkRules.staleAddress, passed: Passed.livingAddress),
    Diagnosis(.rst011, .problem, keepsTracesAway: true, rule: NetworkRules.silentDrop, passed: Passed.fastAnswer),
    Diagnosis(
      .rst012, .problem, keepsTracesAway: true, systems: ["linux"], rule: NetworkRules.noHostPort,
      passed: Passed.hostPort),
    Diagnosis(
      .rst013, .problem, keepsTracesAway: true, disproof: .anyArrival, systems: ["linux"], rule: LostVariableRules.lost,
      passed: Passed.inherited),
    Diagnosis(
      .rst014, .problem, keepsTracesAway: true, rule: OtherProgramRules.foreignProgram, passed: Passed.agentAnswers),
    Diagnosis(
      .rst015, .problem, keepsTracesAway: true, rule: OtherProgramRules.datadogAgent, passed: Passed.noDatadogAgent),
    Diagnosis(
      .rst016, .problem, keepsTracesAway: true, rule: OtherProgramRules.otherProduct, passed: Passed.noOtherProduct),
    Diagnosis(.rst017, .note, rule: OtherProgramRules.socketActivated, passed: Passed.ownListener),
    Diagnosis(
      .rst018, .problem, keepsTracesAway: true, disproof: .anyArrival, rule: WrongProtocolRules.tls,
      passed: Passed.plainHTTP),
    Diagnosis(
      .rst019, .problem, keepsTracesAway: true, disproof: .anyArrival, rule: WrongProtocolRules.otlp,
      passed: Passed.noOTLP),
    Diagnosis(
      .rst020, .problem, keepsTracesAway: true, disproof: .anyArrival, rule: WrongProtocolRules.statsd,
      passed: Passed.noStatsD),
    Diagnosis(.rst021, .problem, keepsTracesAway: true, rule: UnixSocketRules.stolen, passed: Passed.ownSocket),
    Diagnosis(.rst022, .problem, keepsTracesAway: true, rule: UnixSocketRules.stale, passed: Passed.livingSocket),
    Diagnosis(.rst023, .problem, keepsTracesAway: true, rule: UnixSocketRules.permission, passed: Passed.mayWrite),
    Diagnosis(
      .rst024, .problem, keepsTracesAway: true, disproof: .anyArrival, rule: SocketFileRules.datagram,
      passed: Passed.streamSocket),
    Diagnosis(.rst025, .problem, keepsTracesAway: true, rule: SocketFileRules.notMounted, passed: Passed.socketIsThere),
    Diagnosis(
      .rst026, .problem, keepsTracesAway: true, disproof: .anyArrival, rule: SocketFileRules.tooLong,
      passed: Passed.shortPath),
    Diagnosis(.rst027, .warning, rule: SettingsRules.conflict, passed: Passed.oneAgent),
    Diagnosis(
      .rst028, .problem, keepsTracesAway: true, disproof: .anyArrival, rule: SettingsRules.malformed,
      passed: Passed.wellFormed),
    Diagnosis(
      .rst029, .warning, keepsTracesAway: true, disproof: .anyArrival, rule: SettingsRules.unread,
      passed: Passed.allRead),
    Diagnosis(.rst030, .warning, rule: SettingsRules.empty, passed: Passed.noneEmpty),
    Diagnosis(
      .rst031, .problem, keepsTracesAway: true, disproof: .anyArrival, rule: TracerRules.turnedOff,
      passed: Passed.turnedOn),
    Diagnosis(
      .rst032, .problem, keepsTracesAway: true, disproof: .anyArrival, rule: TracerRules.notLoaded,
      passed: Passed.loaded),
    Diagnosis(
      .rst033, .problem, keepsTracesAway: true, disproof: .anyArrival, rule: ForkingServerRules.forkedServer,
      passed: Passed.workersTraced),
    Diagnosis(.rst034, .warning, needsAgent: true, rule: TracerRules.vanished, passed: Passed.flushed),
    Diagnosis(
      .rst035, .problem, keepsTracesAway: true, disproof: .anyArrival, rule: ProxyRules.captured, passed: Passed.noProxy
    ),
    Diagnosis(.rst036, .problem, needsAgent: true, rule: UnservedPathRules.notFound, passed: Passed.served),
    Diagnosis(.rst037, .problem, needsAgent: true, rule: RequestRules.undecodable, passed: Passed.decoded),
    Diagnosis(.rst038, .problem, needsAgent: true, rule: RequestRules.tooLarge, passed: Passed.smallEnough),
    Diagnosis(.rst039, .warning, needsAgent: true, rule: RequestRules.countMismatch, passed: Passed.countsAgree),
    Diagnosis(.rst040, .problem, needsAgent: true, rule: RequestRules.backPressure, passed: Passed.withinMemory),
    Diagnosis(.rst041, .warning, rule: ConnectionRules.pileUp, passed: Passed.fewConnections),
    Diagnosis(.rst042, .warning, needsAgent: true, rule: ConnectionRules.skew, passed: Passed.sameTime),
    Diagnosis(.rst043, .note, rule: SamplingRules.droppedByTracer, passed: Passed.keptByTracers),
    Diagnosis(.rst044, .warning, needsAgent: true, rule: SamplingRules.rateLimited, passed: Passed.notLimited),
    Diagnosis(.rst045, .warning, rule: NamingRules.poorNames, passed: Passed.goodNames),
    Diagnosis(.rst046, .note, needsAgent: true, rule: NamingRules.withoutRoot, passed: Passed.rooted),
    Diagnosis(.rst047, .problem, rule: IntakeRules.wrongKeyOrSite, passed: Passed.keyAndSite),
    Diagnosis(.rst048, .problem, needsAgent: true, rule: DroppedRequestRules.malformed, passed: Passed.sensibleTraces),
    Diagnosis(.rst049, .warning, needsAgent: true, rule: DroppedRequestRules.crossSite, passed: Passed.noForeignPage),
    Diagnosis(.rst052, .problem, needsAgent: true, rule: IntakeRules.unreachable, passed: Passed.intakeReached),
    Diagnosis(
      .rst053, .problem, needsAgent: true, rule: IntakeRules.answersWithErrors, passed: Passed.intakeWithoutErrors),
    Diagnosis(.rst054, .problem, needsAgent: true, rule: IntakeRules.refusesPayloads, passed: Passed.intakeTakes),
    Diagnosis(.rst055, .problem, needsAgent: true, rule: IntakeRules.losses, passed: Passed.nothingLost),
    Diagnosis(.rst056, .warning, rule: AgentSettingRules.withoutEffect, passed: Passed.settingsInEffect),
    Diagnosis(.rst057, .warning, needsAgent: true, rule: RequestRules.refused, passed: Passed.allWhole),
    Diagnosis(
      .rst058, .warning, needsAgent: true, rule: OwnListenerRules.notListening, passed: Passed.listensEverywhere),
    Diagnosis(
      .rst059, .warning, needsAgent: true, rule: ClientStatisticsRules.missing, passed: Passed.statisticsCame),
    Diagnosis(
      .rst060, .warning, needsAgent: true, rule: TelemetryRules.notInstrumented, passed: Passed.allInstrumented),
    Diagnosis(.rst061, .warning, needsAgent: true, rule: TelemetryRules.turnedOff, passed: Passed.tracingIsOn),
  ]
}
