import TestFixtures
import Testing

@Suite("roost on the command line")
struct CommandLineTests {
  @Test(
    "Help reads as it was last accepted",
    arguments: [
      "", "serve", "info", "services", "resources", "send-test", "run", "doctor", "explain", "completion", "man",
      "version", "help",
    ])
  func help(_ command: String) throws {
    let outcome = try RoostBinary.run((command.isEmpty ? [] : [command]) + ["--help"])
    let file = "cli/help/\(command.isEmpty ? "roost" : command).txt"
    #expect(outcome.output == (try Golden.text(file, accepting: outcome.output)))
    #expect(outcome.code == 0)
    #expect(outcome.errors.isEmpty)
    #expect(outcome.output.split(separator: "\n").allSatisfy { $0.count <= 80 })
    #expect(try RoostBinary.run(["help"] + (command.isEmpty ? [] : [command])).output == outcome.output)
  }

  @Test("Completions and the manual page read as they were last accepted")
  func generated() throws {
    for shell in ["bash", "zsh", "fish"] {
      let outcome = try RoostBinary.run(["completion", shell])
      #expect(outcome.output == (try Golden.text("shell/roost.\(shell)", accepting: outcome.output)))
      #expect(outcome.code == 0 && outcome.errors.isEmpty)
    }
    let outcome = try RoostBinary.run(["man"])
    #expect(outcome.output == (try Golden.text("shell/roost.1", accepting: outcome.output)))
    #expect(outcome.code == 0 && outcome.errors.isEmpty)
  }

  @Test(
    "Mistakes exit with 64 and point at help",
    arguments: [
      (["servics"], "did you mean `roost services`?\nTry `roost --help`."),
      (["resources"], "`roost resources` needs SERVICE\nTry `roost resources --help`."),
      (["services", "--since", "soon"], "--since takes a number and a unit"),
      (["run"], "`roost run` needs a command"), (["run", "-x"], "options of roost come before `run`"),
      (["explain", "RST2"], "there is no diagnosis"), (["completion", "tcsh"], "there is for bash, zsh, fish"),
      (["help", "sevre"], "did you mean serve?"), (["--json"], "--json needs a command"),
    ])
  func mistakes(_ words: [String], _ message: String) throws {
    let outcome = try RoostBinary.run(words)
    #expect(outcome.code == 64)
    #expect(outcome.errors.contains(message), "\(outcome.errors)")
    #expect(outcome.errors.hasPrefix("roost: "))
    #expect(outcome.output.isEmpty)
  }

  @Test(
    "Without an agent a command exits with 69 and one line that says what to type",
    arguments: [["services"], ["resources", "shop"], ["info"], ["info", "--json"], ["send-test"]])
  func noAgent(_ words: [String]) throws {
    let outcome = try RoostBinary.run(words)
    #expect(outcome.code == 69)
    #expect(outcome.errors.split(separator: "\n").count == 1)
    #expect(outcome.errors.contains("start one: roost serve"))
    #expect(outcome.output.isEmpty)
  }

  @Test("roost alone says in three lines that no agent runs")
  func alone() throws {
    let outcome = try RoostBinary.run([], environment: ["DD_APM_RECEIVER_PORT": "0"])
    #expect(outcome.code == 0)
    #expect(outcome.output.split(separator: "\n").count == 3)
    #expect(outcome.output.contains("→ start one: roost serve"))
  }

  @Test("The version is known with and without dashes, and as a document")
  func version() throws {
    #expect(try RoostBinary.run(["version"]).output.hasPrefix("roost 0."))
    #expect(try RoostBinary.run(["--version"]).output == RoostBinary.run(["version"]).output)
    #expect(try RoostBinary.run(["version", "--json"]).output.contains("\"schema\": \"roost.version.v1\""))
  }

  @Test("A file of --config that is not there exits with 66, and one in error stops the agent with 78")
  func configurationFiles() throws {
    let missing = try RoostBinary.run(["services", "--config", "/nowhere/datadog.yaml"])
    #expect(missing.code == 66)
    #expect(missing.errors.contains("/nowhere/datadog.yaml"))
    let bad = try RoostBinary.run(["serve", "--port", "many"])
    #expect(bad.code == 78)
    #expect(bad.errors.contains("--port"))
  }
}
