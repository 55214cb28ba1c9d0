import Addresses
import Foundation
import Platform
import Testing

@testable import Receiver

@Suite("The unix socket comes back")
struct UnixSocketKeeperTests {
  private func server(_ path: String, isOptional: Bool = false) throws -> ServerUnderTest {
    try ServerUnderTest(
      ServerUnderTest.configuration {
        $0.unixSocketPath = path
        $0.isUnixSocketOptional = isOptional
      })
  }

  private func isAnswering(_ path: String) throws -> Bool {
    let client = try Client(.unix(path: path))
    client.post("/info", [1, 2, 3])
    return try client.response().body == "3"
  }

  private func isListed(_ path: String, _ server: HTTPServer) -> Bool { server.listeners.contains(.unix(path: path)) }

  /// What takes the socket away, done to its path and its folder.
  struct Loss: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let happens: @Sendable (_ path: String, _ folder: String) throws -> Void
  }

  static let losses = [
    Loss(testDescription: "its file is removed") { path, _ in unlink(path) },
    Loss(testDescription: "its folder is removed and made again") { path, folder in
      unlink(path)
      rmdir(folder)
      mkdir(folder, 0o755)
    },
    Loss(testDescription: "its file has another name") { path, _ in rename(path, path + ".old") },
    Loss(testDescription: "its folder has another name, and there is a new one") { _, folder in
      rename(folder, folder + ".old")
      mkdir(folder, 0o755)
    },
    Loss(testDescription: "a dead agent's file takes its place") { path, _ in
      unlink(path)
      let number = socket(AF_UNIX, SystemSockets.stream, 0)
      let address = try #require(SystemAddress(.unix(path: path)))
      #expect(address.withPointer { systemBind(number, $0, $1) } == 0)
      close(number)
    },
  ]

  @Test("at the next look, whatever took it away", arguments: losses)
  func comesBack(_ loss: Loss) throws {
    let place = try TemporaryFolder()
    let folder = place.path + "/apm"
    mkdir(folder, 0o755)
    let path = folder + "/apm.socket"
    let tested = try server(path)
    #expect(tested.server.restoreUnixSocket() == nil)
    try loss.happens(path, folder)
    #expect(tested.server.restoreUnixSocket() == .opened(.unix(path: path), isAnew: true))
    #expect(try isAnswering(path) && isListed(path, tested.server) && tested.server.listenerFailures.isEmpty)
    #expect(tested.server.restoreUnixSocket() == nil)
    tested.server.stop()
    #expect(access(path, F_OK) != 0 && tested.server.restoreUnixSocket() == nil)
  }

  @Test("when what stood in its way has left", arguments: ["folder", "file", "agent", "permission"])
  func opensLate(_ obstacle: String) throws {
    let place = try TemporaryFolder()
    let folder = place.path + "/apm"
    let path = folder + "/apm.socket"
    if obstacle != "folder" { mkdir(folder, 0o755) }
    var other: ServerUnderTest?
    switch obstacle {
    case "file": #expect(FileManager.default.createFile(atPath: path, contents: nil))
    case "agent": other = try server(path)
    case "permission":
      // Nobody, root included, may make a file in a folder that is none.
      rmdir(folder)
      #expect(FileManager.default.createFile(atPath: folder, contents: nil))
    default: break
    }
    let tested = try server(path)
    #expect(!isListed(path, tested.server))
    #expect(tested.server.listenerFailures.map(\.severity) == [.error])
    // It is said once, not every second.
    #expect(tested.server.restoreUnixSocket() == nil)
    switch obstacle {
    case "folder": mkdir(folder, 0o755)
    case "permission":
      unlink(folder)
      mkdir(folder, 0o755)
    case "file": unlink(path)
    default:
      other?.server.stop()
      // Not a connection came to the other agent while it was looked at.
      #expect(other?.recorder.events.isEmpty == true && other?.server.connectionCounters.accepted == 0)
    }
    #expect(tested.server.restoreUnixSocket() == .opened(.unix(path: path), isAnew: false))
    #expect(try isAnswering(path) && isListed(path, tested.server) && tested.server.listenerFailures.isEmpty)
  }

  @Test("and while it cannot, the server names what is in the way instead of the socket")
  func namesTheObstacle() throws {
    let place = try TemporaryFolder()
    let folder = place.path + "/apm"
    mkdir(folder, 0o755)
    let path = folder + "/apm.socket"
    let tested = try server(path)
    unlink(path)
    rmdir(folder)
    let missing = ListenerFailure(severity: .error, address: path, reason: "the directory does not exist")
    #expect(tested.server.restoreUnixSocket() == .missing(missing))
    #expect(tested.server.restoreUnixSocket() == nil)
    #expect(tested.server.listenerFailures == [missing] && !isListed(path, tested.server))
    mkdir(folder, 0o755)
    #expect(FileManager.default.createFile(atPath: path, contents: nil))
    guard case .missing(let other) = tested.server.restoreUnixSocket() else {
      Issue.record("a new obstacle is not named")
      return
    }
    #expect(other.reason == "exists and is not a socket, so it is left alone")
  }

  @Test("when it is moved back after a look that found it gone", arguments: ["folder", "file", "file made anew"])
  func movedBack(_ moved: String) throws {
    let place = try TemporaryFolder()
    let folder = place.path + "/apm"
    mkdir(folder, 0o755)
    let path = folder + "/apm.socket"
    let tested = try server(path)
    if moved == "file made anew" {
      unlink(path)
      #expect(tested.server.restoreUnixSocket() != nil)
    }
    rename(folder, folder + ".x")
    if moved != "folder" {
      // What stands there keeps the socket from being made again.
      mkdir(folder, 0o755)
      mkdir(path, 0o755)
    }
    guard case .missing = tested.server.restoreUnixSocket() else {
      Issue.record("it is not missed")
      return
    }
    #expect(tested.server.listenerFailures.count == 1 && !isListed(path, tested.server))
    if moved == "folder" {
      rename(folder + ".x", folder)
    } else {
      rmdir(path)
      rename(folder + ".x/apm.socket", path)
    }
    #expect(tested.server.restoreUnixSocket() == .opened(.unix(path: path), isAnew: true))
    #expect(try isAnswering(path) && isListed(path, tested.server) && tested.server.listenerFailures.isEmpty)
    #expect(tested.server.restoreUnixSocket() == nil)
  }

  @Test("and is waited for where it is all that there is to listen on")
  func alone() throws {
    let place = try TemporaryFolder()
    let folder = place.path + "/apm"
    let path = folder + "/apm.socket"
    let tested = try ServerUnderTest(
      ServerUnderTest.configuration {
        $0.tcp = []
        $0.unixSocketPath = path
      })
    #expect(tested.server.listeners.isEmpty && tested.server.listenerFailures.count == 1)
    mkdir(folder, 0o755)
    #expect(tested.server.restoreUnixSocket() == .opened(.unix(path: path), isAnew: false))
    #expect(try isAnswering(path))
    tested.server.stop()
    // One that stops with nothing opened does not wait for listeners to close.
    let never = try ServerUnderTest(
      ServerUnderTest.configuration {
        $0.tcp = []
        $0.unixSocketPath = place.path + "/none/apm.socket"
      })
    never.server.stop()
    #expect(never.server.listeners.isEmpty)
    // Nobody asked for the usual path, and at one that is too long there can be no socket.
    for (path, isOptional) in [(place.path + "/none/apm.socket", true), (String(repeating: "/x", count: 100), false)] {
      #expect(throws: ReceiverError.self) {
        try ServerUnderTest(
          ServerUnderTest.configuration {
            $0.tcp = []
            $0.unixSocketPath = path
            $0.isUnixSocketOptional = isOptional
          })
      }
    }
  }

  @Test("at the usual path too, whose folder may be missing without a fault")
  func usualPath() throws {
    let place = try TemporaryFolder()
    let folder = place.path + "/datadog"
    let path = folder + "/apm.socket"
    let tested = try server(path, isOptional: true)
    #expect(tested.server.listenerFailures.map(\.severity) == [.note])
    mkdir(folder, 0o755)
    #expect(tested.server.restoreUnixSocket() == .opened(.unix(path: path), isAnew: false))
    #expect(try isAnswering(path))
  }

  @Test("and who is connected, or has the old file, still reaches the server")
  func oldFile() throws {
    let place = try TemporaryFolder()
    let path = place.path + "/apm.socket"
    let tested = try server(path)
    let client = try Client(.unix(path: path))
    client.post("/info", [1])
    #expect(try client.response().body == "1")
    for number in 0..<6 {
      rename(path, "\(place.path)/old\(number)")
      #expect(tested.server.restoreUnixSocket() != nil)
      #expect(try isAnswering(path))
    }
    client.post("/info", [1, 2])
    #expect(try client.response().body == "2")
    #expect(try isAnswering("\(place.path)/old5"))
  }
}
