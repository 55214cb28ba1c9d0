import MessagePack
import Testing

@testable import Control

@Suite("Values on the control connection")
struct ControlValuesTests {
  @Test(
    "Every question comes back as it was packed",
    arguments: [
      ControlQuestion.ping, .info, .observations, .services(ServicesQuestion()),
      .services(ServicesQuestion(windowNs: 900_000_000_000, env: "prod")),
      .resources(ResourcesQuestion(service: "shop", windowNs: 1, env: "", allSpans: true)),
      .resources(ResourcesQuestion(service: "sh\u{0}öp")),
    ])
  func questionsSurvive(_ question: ControlQuestion) throws {
    #expect(try ControlQuestion.unpack(through(question.packed)) == question)
  }

  @Test(
    "Every answer comes back as it was packed",
    arguments: [
      ControlAnswer.pong, .refused("no"), .info(Samples.info), .services(Samples.services),
      .observations(Samples.observations), .observations(ObservationsAnswer()),
      .resources(Samples.resources), .services(ServicesAnswer(nowNs: .max, rows: [], hitsWithoutRow: .max)),
    ])
  func answersSurvive(_ answer: ControlAnswer) throws {
    #expect(try ControlAnswer.unpack(through(answer.packed)) == answer)
  }

  @Test("Keys that are missing or of another type read as nothing, and unknown keys are skipped")
  func strangeKeysAreHarmless() throws {
    let body = MessagePackValue.fields([
      ("now_ns", 7), ("from_the_future", ["x"]),
      ("rows", [.fields([("service", "shop"), ("hits", "many"), ("errors", -1), ("rate_per_s", 2)]), 5]),
    ])
    let answer = try ControlAnswer.unpack(.fields([("v", 1), ("a", "services"), ("body", body)]))
    guard case .services(let services) = answer else {
      Issue.record("not services: \(answer)")
      return
    }
    #expect(services.nowNs == 7)
    #expect(services.rows.map(\.service) == ["shop", ""])
    #expect(services.rows.first?.hits == 0)
    #expect(services.rows.first?.errors == 0)
    #expect(services.rows.first?.ratePerSecond == 2)
  }

  @Test("An info answer without any key is an empty one")
  func emptyInfo() throws {
    let answer = try ControlAnswer.unpack(.fields([("v", 1), ("a", "info")]))
    #expect(answer == .info(InfoAnswer(version: "", commit: "", pid: 0, startedNs: 0, nowNs: 0, hostname: "")))
  }

  @Test("Another version, or no version, is named in the error")
  func otherVersions() {
    #expect(throws: ControlError.versionMismatch(theirs: 2)) {
      try ControlAnswer.unpack(.fields([("v", 2), ("a", "pong")]))
    }
    #expect(throws: ControlError.versionMismatch(theirs: 0)) { try ControlQuestion.unpack(.null) }
  }

  @Test("A question that nobody knows is refused by name")
  func unknownQuestion() {
    #expect(throws: ControlError.refused("this agent does not know the question \"flames\"")) {
      try ControlQuestion.unpack(.fields([("v", 1), ("q", "flames")]))
    }
  }

  @Test("The uptime of an agent whose clock was set back is nothing")
  func uptimeNeverNegative() {
    var info = Samples.info
    info.startedNs = .max
    info.nowNs = .min
    #expect(info.uptimeNs == 0)
    info.startedNs = 5
    info.nowNs = 12
    #expect(info.uptimeNs == 7)
  }

  private func through(_ value: MessagePackValue) throws -> MessagePackValue {
    try MessagePackValue.unpack(value.pack()).value
  }
}
