import Foundation
import Platform
import Testing

@testable import Control

@Suite("The control socket")
struct ControlSocketTests {
  @Test("Questions reach the agent and its answers the command")
  func queriesAreAnswered() throws {
    let place = try Place()
    let server = try ControlServer(path: place.socket, answering: FixedAnswers())
    let client = ControlClient(path: place.socket)
    #expect(try client.query(.ping) == .pong)
    #expect(try client.query(.info) == .info(Samples.info))
    #expect(try client.query(.services(ServicesQuery(env: "prod"))) == .services(Samples.services))
    #expect(throws: ControlError.refused("not kept")) { try client.query(.resources(ResourcesQuery(service: "x"))) }
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
    #expect(throws: ControlError.noAgent(path: place.socket)) { try ControlClient(path: place.socket).query(.ping) }
  }

  @Test("A file that somebody removed, with its folder or alone, is made again, and the commands are answered")
  func restores() throws {
    let place = try Place()
    let server = try ControlServer(path: place.socket, answering: FixedAnswers())
    let client = ControlClient(path: place.socket)
    #expect(server.restoreSocket() == nil)
    for removed in [place.socket, place.folder] {
      try FileManager.default.removeItem(atPath: removed)
      #expect(server.restoreSocket() == .opened && server.restoreSocket() == nil)
      #expect(try client.query(.ping) == .pong)
      #expect(try place.mode(place.socket) == 0o600)
    }
    server.stop()
    #expect(server.restoreSocket() == nil && !FileManager.default.fileExists(atPath: place.socket))
  }

  @Test("One whose folder was away, and where none could be made, is there again when the folder is back")
  func movedBack() throws {
    let place = try Place()
    let server = try ControlServer(path: place.socket, answering: FixedAnswers())
    try FileManager.default.moveItem(atPath: place.folder, toPath: place.folder + ".x")
    // A file in the folder's place, so that no socket can be made.
    #expect(FileManager.default.createFile(atPath: place.folder, contents: nil))
    guard case .missing = server.restoreSocket() else {
      Issue.record("it is not missed")
      return
    }
    #expect(server.failure != nil && server.restoreSocket() == nil)
    try FileManager.default.removeItem(atPath: place.folder)
    try FileManager.default.moveItem(atPath: place.folder + ".x", toPath: place.folder)
    #expect(server.restoreSocket() == .opened && server.failure == nil && server.restoreSocket() == nil)
    #expect(try ControlClient(path: place.socket).query(.ping) == .pong)
    server.stop()
  }

  @Test("One that is patient answers as soon as the agent that had the path ends")
  func waitsForThePath() throws {
    let place = try Place()
    let first = try ControlServer(path: place.socket, answering: FixedAnswers())
    let second = try ControlServer(path: place.socket, isPatient: true, answering: FixedAnswers())
    #expect(second.failure == .alreadyRunning(path: place.socket))
    #expect(second.restoreSocket() == nil && first.connectionCount == 0)
    first.stop()
    #expect(second.restoreSocket() == .opened && second.failure == nil)
    #expect(try ControlClient(path: place.socket).query(.ping) == .pong && second.queryCount == 1)
    second.stop()
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
    #expect(throws: ControlError.noAgent(path: place.socket)) { try ControlClient(path: place.socket).query(.ping) }
    server.stop()
  }

  @Test("Only an agent that does not know the query is too old for it")
  func unknownQuery() throws {
    let error = #expect(throws: ControlError.self) { try ControlQuery(ControlMessage("weather")) }
    #expect(error?.isUnknownQuery == true)
    for other: ControlError in [.refused("not kept"), .busy(ControlError.unknownQuery), .timedOut] {
      #expect(!other.isUnknownQuery)
    }
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
    #expect(throws: ControlError.timedOut) { try client.query(.ping, within: .milliseconds(5)) }
    #expect(try client.query(.ping) == .pong)
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
    #expect(try client.query(.ping) == .pong)
    // Connections are taken one after the other.
    #expect(server.connectionCount == 2 && server.queryCount == 1)
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

  @Test("A folder for this user's socket that somebody else made is named, and no other folder is")
  func squatter() throws {
    let place = try Place()
    let folder = place.folder + "/roost-\(geteuid())"
    let socket = folder + "/8126.sock"
    #expect(ControlClient(path: socket).problem() == .noAgent(path: socket))
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    #expect(ControlClient(path: socket).problem() == .noAgent(path: socket))
    // Whoever may write to it might as well have made it.
    chmod(folder, 0o777)
    let problem = ControlError.unsafeFolder(path: folder, why: "others may write to it (chmod go-w)")
    #expect(ControlClient(path: socket).problem() == problem)
    #expect(throws: problem) { try ControlClient(path: socket).query(.info) }
    let other = place.folder + "/elsewhere"
    try FileManager.default.createDirectory(atPath: other, withIntermediateDirectories: true)
    chmod(other, 0o777)
    #expect(ControlClient(path: other + "/8126.sock").problem() == .noAgent(path: other + "/8126.sock"))
  }

  @Test("A second agent finds the first one running and leaves it alone")
  func liveSocketStays() throws {
    let place = try Place()
    let first = try ControlServer(path: place.socket, answering: FixedAnswers())
    #expect(throws: ControlError.alreadyRunning(path: place.socket)) {
      try ControlServer(path: place.socket, answering: FixedAnswers())
    }
    #expect(try ControlClient(path: place.socket).query(.ping) == .pong)
    first.stop()
  }

  @Test("A socket that a dead agent left behind is replaced")
  func staleSocketIsReplaced() throws {
    let place = try Place()
    try place.leaveStaleSocket()
    #expect(throws: ControlError.noAgent(path: place.socket)) { try ControlClient(path: place.socket).query(.ping) }
    let server = try ControlServer(path: place.socket, answering: FixedAnswers())
    #expect(try ControlClient(path: place.socket).query(.ping) == .pong)
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
    #expect(try ControlClient(path: place.socket).query(.ping) == .pong)
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
    #expect(throws: ControlError.pathTooLong(path: path)) { try ControlClient(path: path).query(.ping) }
    #expect(throws: ControlError.pathTooLong(path: path)) {
      try ControlServer(path: path, answering: FixedAnswers())
    }
  }
}
