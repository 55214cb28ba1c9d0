import Foundation
import Testing

@testable import Control

@Suite("The control socket")
struct ControlSocketTests {
  @Test("Questions reach the agent and its answers the command")
  func questionsAreAnswered() throws {
    let place = try Place()
    let server = try ControlServer(path: place.socket, answering: FixedAnswers())
    let client = ControlClient(path: place.socket)
    #expect(try client.ask(.ping) == .pong)
    #expect(try client.ask(.info) == .info(Samples.info))
    #expect(try client.ask(.services(ServicesQuestion(env: "prod"))) == .services(Samples.services))
    #expect(throws: ControlError.refused("not kept")) { try client.ask(.resources(ResourcesQuestion(service: "x"))) }
    server.stop()
  }

  @Test("The socket is its owner's alone, and so is the folder made for it")
  func modes() throws {
    let place = try Place()
    let server = try ControlServer(path: place.socket, answering: FixedAnswers())
    #expect(try place.mode(place.socket) == 0o600)
    #expect(try place.mode(place.folder) == 0o700)
    server.stop()
  }

  @Test("After stop nothing answers and the file is gone; a second stop does nothing")
  func stop() throws {
    let place = try Place()
    let server = try ControlServer(path: place.socket, answering: FixedAnswers())
    server.stop()
    server.stop()
    #expect(!FileManager.default.fileExists(atPath: place.socket))
    #expect(throws: ControlError.noAgent(path: place.socket)) { try ControlClient(path: place.socket).ask(.ping) }
  }

  @Test("Once it is to stop it ends by itself, even while a client still holds it")
  func beginsToStop() throws {
    let place = try Place()
    let server = try ControlServer(path: place.socket, answering: FixedAnswers())
    let deadline = ContinuousClock.now + .seconds(30)
    let silent = try StreamSocket.connect(to: .unix(path: place.socket), deadline: deadline)
    while server.connectionCount == 0, ContinuousClock.now < deadline { sched_yield() }
    server.beginStop()
    #expect(try silent.readSome(1, deadline: deadline).isEmpty)
    while FileManager.default.fileExists(atPath: place.socket), ContinuousClock.now < deadline { sched_yield() }
    #expect(throws: ControlError.noAgent(path: place.socket)) { try ControlClient(path: place.socket).ask(.ping) }
    server.stop()
  }

  @Test("A question with a limit of its own is given up then, and without one is not")
  func limit() throws {
    let place = try Place()
    // Held up by a client that says nothing, it answers the next when the first one's time is over.
    let server = try ControlServer(path: place.socket, answering: FixedAnswers())
    let deadline = ContinuousClock.now + .seconds(30)
    let silent = try StreamSocket.connect(to: .unix(path: place.socket), deadline: deadline)
    while server.connectionCount == 0, ContinuousClock.now < deadline { sched_yield() }
    let client = ControlClient(path: place.socket)
    #expect(throws: ControlError.timedOut) { try client.ask(.ping, within: .milliseconds(5)) }
    #expect(try client.ask(.ping) == .pong)
    withExtendedLifetime(silent.peerName) {}
    server.stop()
  }

  @Test("A look at who listens is no question, and finds nobody only when there is none")
  func look() throws {
    let place = try Place()
    let client = ControlClient(path: place.socket)
    #expect(client.lookAtListener() == .nobody)
    let server = try ControlServer(path: place.socket, answering: FixedAnswers())
    #expect(client.lookAtListener() == .somebody(pid: getpid()))
    #expect(try client.ask(.ping) == .pong)
    // Connections are taken one after the other.
    #expect(server.connectionCount == 2 && server.questionCount == 1)
    server.stop()
    #expect(client.lookAtListener() == .nobody)
    let leftOver = try Place()
    try leftOver.leaveStaleSocket()
    #expect(ControlClient(path: leftOver.socket).lookAtListener() == .nobody)
  }

  @Test(
    "Only two numbers that are known distinguish two listeners",
    arguments: [
      (ControlListening.somebody(pid: 3), ControlListening.somebody(pid: 4), true),
      (.somebody(pid: 3), .somebody(pid: 3), false), (.somebody(pid: 0), .somebody(pid: 4), false),
      (.somebody(pid: 3), .somebody(pid: 0), false), (.nobody, .somebody(pid: 4), false),
      (.somebody(pid: 3), .nobody, false),
    ])
  func listeners(one: ControlListening, other: ControlListening, differs: Bool) {
    #expect(one.differs(from: other) == differs)
  }

  @Test("A place where no socket can be made is known before one is")
  func unusablePlaces() throws {
    let place = try Place()
    #expect(ControlFolder.problem(forSocket: place.socket) == nil)
    let missing = place.folder + "/no/such/c.sock"
    #expect(
      ControlFolder.problem(forSocket: missing)
        == .system(path: place.folder + "/no/such", detail: "mkdir: No such file or directory"))
    try Data().write(to: URL(filePath: place.folder + "/file"))
    guard case .unsafeFolder = ControlFolder.problem(forSocket: place.folder + "/file/c.sock") else {
      Issue.record("a file is no folder")
      return
    }
  }

  @Test("A second agent finds the first one running and leaves it alone")
  func liveSocketStays() throws {
    let place = try Place()
    let first = try ControlServer(path: place.socket, answering: FixedAnswers())
    #expect(throws: ControlError.alreadyRunning(path: place.socket)) {
      try ControlServer(path: place.socket, answering: FixedAnswers())
    }
    #expect(try ControlClient(path: place.socket).ask(.ping) == .pong)
    first.stop()
  }

  @Test("A socket that a dead agent left behind is replaced")
  func staleSocketIsReplaced() throws {
    let place = try Place()
    try place.leaveStaleSocket()
    #expect(throws: ControlError.noAgent(path: place.socket)) { try ControlClient(path: place.socket).ask(.ping) }
    let server = try ControlServer(path: place.socket, answering: FixedAnswers())
    #expect(try ControlClient(path: place.socket).ask(.ping) == .pong)
    server.stop()
  }

  @Test("A file that is no socket is left alone")
  func regularFileStays() throws {
    let place = try Place()
    try place.makeFolder()
    try Data("precious".utf8).write(to: URL(filePath: place.socket))
    #expect(throws: ControlError.notASocket(path: place.socket)) {
      try ControlServer(path: place.socket, answering: FixedAnswers())
    }
    #expect(try Data(contentsOf: URL(filePath: place.socket)) == Data("precious".utf8))
  }

  @Test("A socket that took over the name is not removed by the agent that lost it")
  func replacedFileStays() throws {
    let place = try Place()
    let loser = try ControlServer(path: place.socket, answering: FixedAnswers())
    try FileManager.default.removeItem(atPath: place.socket)
    let winner = try ControlServer(path: place.socket, answering: FixedAnswers())
    loser.stop()
    #expect(try ControlClient(path: place.socket).ask(.ping) == .pong)
    winner.stop()
  }

  @Test("A folder that is a link, or that others may write to, is refused")
  func unsafeFolders() throws {
    let link = try Place()
    let target = link.folder + "-target"
    try FileManager.default.createDirectory(atPath: target, withIntermediateDirectories: true)
    try FileManager.default.createSymbolicLink(atPath: link.folder, withDestinationPath: target)
    // Links made by root are trusted, and root may run these tests.
    if geteuid() != 0 {
      #expect(throws: ControlError.unsafeFolder(path: link.folder, why: "it is a symbolic link")) {
        try ControlServer(path: link.socket, answering: FixedAnswers())
      }
    }
    let open = try Place()
    try open.makeFolder(mode: 0o777)
    #expect(throws: ControlError.unsafeFolder(path: open.folder, why: "others may write to it (chmod go-w)")) {
      try ControlServer(path: open.socket, answering: FixedAnswers())
    }
  }

  @Test(
    "A folder's mode and owner decide whether it is trusted",
    arguments: [
      (mode: 0o040700, owner: 1000, isTrusted: true), (0o040755, 1000, true), (0o041777, 0, true),
      (0o040700, 0, true), (0o040777, 0, false), (0o040770, 1000, false), (0o040700, 1001, false),
      (0o100600, 1000, false),
    ] as [(mode: UInt32, owner: UInt32, isTrusted: Bool)])
  func folderTrust(_ folder: (mode: UInt32, owner: UInt32, isTrusted: Bool)) {
    let objection = ControlFolder.objection(mode: folder.mode, owner: folder.owner, user: 1000)
    #expect((objection == nil) == folder.isTrusted, "\(objection ?? "no objection")")
  }

  @Test("Users talk with their own agents and with root's; root with everybody's")
  func users() {
    #expect(mayTalk(1000, 1000))
    #expect(mayTalk(0, 1000))
    #expect(mayTalk(1000, 0))
    #expect(!mayTalk(1000, 1001))
  }

  @Test("A path that does not fit a unix socket is said to be too long")
  func longPath() throws {
    let path = "/tmp/" + String(repeating: "x", count: 120)
    #expect(throws: ControlError.pathTooLong(path: path)) { try ControlClient(path: path).ask(.ping) }
    #expect(throws: ControlError.pathTooLong(path: path)) {
      try ControlServer(path: path, answering: FixedAnswers())
    }
  }
}
<<<<<<< HEAD
=======

@Suite("Strange visitors of the control socket")
struct ControlVisitorTests {
  @Test(
    "What is no question is refused, and the next question is answered",
    arguments: [
      (bytes: [0, 0, 0, 1, 0xc1], why: "the question was not understood"),
      (bytes: [0xff, 0xff, 0xff, 0xff], why: "over the limit of 65536"),
      (bytes: [0, 1, 0, 1], why: "the question of 65537 bytes"),
      (bytes: [0, 0, 0, 1, 0xc0], why: "control protocol version 0"),
      (bytes: [0, 0, 0, 0], why: "the question was not understood"),
    ] as [(bytes: [UInt8], why: String)])
  func garbage(_ visit: (bytes: [UInt8], why: String)) throws {
    let place = try Place()
    let server = try ControlServer(path: place.socket, answering: FixedAnswers())
    let deadline = ContinuousClock.now + .seconds(30)
    let stream = try StreamSocket.connect(to: .unix(path: place.socket), deadline: deadline)
    try stream.write(visit.bytes, deadline: deadline)
    let value = try ControlFrame.read(limit: 1 << 16, from: stream, deadline: deadline)
    guard case .refused(let why) = try ControlAnswer.unpack(value) else {
      Issue.record("not refused: \(value)")
      return
    }
    #expect(why.contains(visit.why))
    #expect(try ControlClient(path: place.socket).ask(.ping) == .pong)
    server.stop()
  }

  @Test("A visitor who says nothing, or half a question, keeps nobody else from being answered")
  func silence() throws {
    let place = try Place()
    let server = try ControlServer(path: place.socket, answering: FixedAnswers())
    let deadline = ContinuousClock.now + .seconds(30)
    let silent = try StreamSocket.connect(to: .unix(path: place.socket), deadline: deadline)
    let halting = try StreamSocket.connect(to: .unix(path: place.socket), deadline: deadline)
    try halting.write([0, 0], deadline: deadline)
    #expect(try ControlClient(path: place.socket).ask(.ping) == .pong)
    // Both were given up: the agent closed without a word.
    #expect(try silent.readSome(1, deadline: deadline).isEmpty)
    #expect(try halting.readSome(1, deadline: deadline).isEmpty)
    server.stop()
  }

  @Test("An agent that answers in another version is told from one that is not there")
  func newerAgent() throws {
    let answer = MessagePackValue.fields([("v", 7), ("a", "pong")])
    #expect(throws: ControlError.versionMismatch(theirs: 7)) { try ControlAnswer.unpack(answer) }
  }

  @Test("Many commands at once all get their answer")
  func manyCommands() async throws {
    let place = try Place()
    let server = try ControlServer(path: place.socket, answering: FixedAnswers())
    let answers = await withTaskGroup(of: ControlAnswer?.self) { group in
      for _ in 0..<16 { group.addTask { try? ControlClient(path: place.socket).ask(.info) } }
      return await group.reduce(into: []) { $0.append($1) }
    }
    #expect(answers == Array(repeating: .info(Samples.info), count: 16))
    server.stop()
  }

  @Test("An answer over its limit becomes a refusal that says so")
  func tooLargeAnswer() throws {
    let place = try Place()
    let server = try ControlServer(path: place.socket, answering: HugeAnswers())
    let error = #expect(throws: ControlError.self) { try ControlClient(path: place.socket).ask(.info) }
    #expect(error?.description.contains("over the limit of 16777216") == true)
    server.stop()
  }
}

private struct FixedAnswers: ControlAnswering {
  func answer(_ question: ControlQuestion) -> ControlAnswer {
    switch question {
    case .ping: .pong
    case .info: .info(Samples.info)
    case .observations: .observations(Samples.observations)
    case .services(let question):
      question == ServicesQuestion(env: "prod") ? .services(Samples.services) : .refused("another question")
    case .resources: .refused("not kept")
    }
  }
}

private struct HugeAnswers: ControlAnswering {
  func answer(_ question: ControlQuestion) -> ControlAnswer {
    var info = Samples.info
    info.hostname = String(repeating: "x", count: ControlProtocol.answerBytesMax)
    return .info(info)
  }
}

/// A folder name that nobody else uses, removed at the end; short, for unix sockets take few bytes.
private final class Place: Sendable {
  let folder: String
  var socket: String { folder + "/8126.sock" }

  init() throws {
    folder = "/tmp/roost-test-\(UInt32.random(in: 0 ... .max))"
  }

  deinit {
    try? FileManager.default.removeItem(atPath: folder)
    try? FileManager.default.removeItem(atPath: folder + "-target")
  }

  func makeFolder(mode: Int = 0o700) throws {
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: false)
    try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: folder)
  }

  func mode(_ path: String) throws -> Int? {
    try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
  }

  /// A bound socket whose owner went away without removing it.
  func leaveStaleSocket() throws {
    try makeFolder()
    var listener: ControlListener? = try ControlListener(path: socket)
    try FileManager.default.linkItem(atPath: socket, toPath: socket + ".kept")
    listener = nil
    _ = consume listener
    try FileManager.default.moveItem(atPath: socket + ".kept", toPath: socket)
  }
}
>>>>>>> b5321dc (One address type and one reader of /proc)
