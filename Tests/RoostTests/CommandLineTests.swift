import Platform
import TestFixtures
import Testing

@Suite("roost on the command line")
struct CommandLineTests {
  @Test(
    "Help reads as it was last accepted",
    arguments: [
      "", "serve", "info", "services", "resources", "traces", "trace", "top", "diff", "send-test", "run", "doctor",
      "explain", "config", "obfuscate",
      "completion",
      "man",
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
      (["explain"], "`roost explain` needs ID: that of a finding, such as RST021\nTry `roost explain --help`."),
      (["services", "--limit", "0"], "--limit takes a number from 1 on, not \"0\"\nTry `roost services --help`."),
      (["watch"], "there is no command \"watch\": `roost top`"),
      (["help", "watch"], "`roost services --watch`"), (["top"], "this is none\nWithout one: roost services --watch"),
      (["services", "--names", "--watch"], "--names does not go with --watch\nTry `roost services --help`."),
      (["services", "--names", "--limit=3"], "--names does not go with --limit\nTry `roost services --help`."),
      (
        ["trace"],
        "`roost trace` needs ID: the first digits of a trace's id, last, slowest SERVICE RESOURCE, or error SERVICE\nTry `roost trace --help`."
      ),
      (["trace", "xyz"], "\"xyz\" is no trace's id: up to 32 hexadecimal digits, or a decimal number"),
      (["trace", "slowest", "shop"], "it is `roost trace slowest SERVICE RESOURCE`"),
      (["trace", "1", "2"], "`roost trace` takes one id"),
      (["trace", "1", "--json", "--format=md"], "--json does not go with --format md"),
      (
        ["traces", "a", "status:bad"],
        "roost: status is error or ok; that of HTTP is http.status_code:500\n  a status:bad\n           ^\nTry `roost traces --help`."
      ),
      (["traces", "--min", "5"], "--min takes a number and a unit, such as 100ms or 1.5s, not \"5\""),
      (["traces", "--follow", "--watch"], "--follow does not go with --watch"),
      (["traces", "--ndjson", "--json"], "--ndjson does not go with --json"),
      (["services", "--since", "soon"], "--since takes a number and a unit"),
      (
        ["diff", "1h..now"],
        "`roost diff` needs B: ranges of time (2h..1h 1h..now), versions (version:1.0 version:1.1) or files"
      ),
      (["diff", "1h..2h", "1h..now"], "ends before it begins\n  1h..2h\n  ^~~~~~\n"),
      (
        ["diff", "2h..1x", "1h..now"],
        "this is no age (90s, 15m, 2h, 1d), no time (2026-11-24T07:00:00Z), and not now\n  2h..1x\n      ^~\n"
      ),
      (["diff", "version:", "version:2"], "a version follows behind version:\n  version:\n          ^\n"),
      (
        ["diff", "2h..1h", "version:2"],
        "2h..1h is a range of time and version:2 is a version: both have to be of one kind"
      ),
      (["diff", "2h..1h", "1h..now", "--since", "1h"], "--since goes with two versions only"),
      (["diff", "a.db", "b.db", "--db", "c.db"], "two files are compared without --db"),
      (["run"], "`roost run` needs a command"), (["run", "-x"], "`roost run` has no option -x"),
      (["run", "--names", "python"], "`roost run` has no option --names"),
      (
        ["diff", "1.0", "1.1"], "1.0 is no range of time and no version, and there is no such file\nCompare two ranges"
      ),
      (
        ["diff", "2h", "1h"],
        "2h is one moment; a range of time is 2h..now\nCompare two ranges of time:  roost diff 2h..1h"
      ),
      (["diff", "a", "version:2"], "a is no range of time and no version"),
      (
        ["traces", "-service:a"], "`roost traces` has no option -service:a; a word that begins with - stands behind --"
      ),
      (["diff", "off", "b.db"], "off is no file"),
      (["services", "--db", "off"], "--db off is no file: an agent with local.db off keeps no traces"),
      (["resources", "--db=:memory:"], "--db :memory: is no file: what an agent keeps in memory, only it can tell"),
      (["traces", "--db", "off"], "--db off is no file"), (["trace", "last", "--db", "off"], "--db off is no file"),
      (["diff", "1h..now", "2h..1h", "--db", ":memory:"], "--db :memory: is no file"),
      (["traces", "--since", "1m", "--until", "5m"], "--since 1m begins no earlier than --until 5m ends"),
      (["traces", "--min", "2s", "--max", "100ms"], "no trace takes at least --min and at most --max"),
      (["traces", "duration>100ms"], "a condition has a colon: duration:>100ms"),
      (["config"], "`roost config` needs ACTION: check, show or migrate"),
      (["config", "list"], "`roost config` knows check, show and migrate"),
      (["config", "show", "datadog.yaml"], "`roost config show` takes no FILE"),
      (["explain", "RST2"], "there is no diagnosis"), (["completion", "tcsh"], "there is for bash, zsh, fish"),
      (["help", "sevre"], "did you mean `roost serve`?"), (["--json"], "--json needs a command"),
    ])
  func mistakes(_ words: [String], _ message: String) throws {
    let outcome = try RoostBinary.run(words)
    #expect(outcome.code == 64)
    #expect(outcome.errors.contains(message), "\(outcome.errors)")
    #expect(outcome.errors.hasPrefix("roost: "))
    #expect(outcome.output.isEmpty)
  }

  @Test(
    "What other tools have as a command is answered with what there is instead",
    arguments: ["watch", "spans", "errors", "status", "logs", "web", "settings"])
  func absent(_ word: String) throws {
    let outcome = try RoostBinary.run([word])
    #expect(outcome.code == 64 && outcome.output.isEmpty)
    #expect(outcome.errors.hasPrefix("roost: there is no command \"\(word)\": "))
    // Whatever it names can be typed.
    let named = outcome.errors.matches(of: /`roost ([a-z][a-z-]*)((?: --?[a-z-]+)*)/).map { $0 }
    for name in named where name.1 != "run" {
      let help = try RoostBinary.run([String(name.1), "--help"]).output
      #expect(help.contains("Usage: roost \(name.1)"))
      for option in name.2.split(separator: " ") { #expect(help.contains(option), "\(name.0)") }
    }
  }

  @Test(
    "What cannot be printed is an error with a code of its own, whatever the command",
    arguments: [
      [], ["version"], ["help"], ["--help"], ["explain", "RST001"], ["man"], ["completion", "bash"],
      ["doctor", "--json"],
      ["doctor", "--save-evidence", "-"],
    ])
  func fullDisk(_ words: [String]) throws {
    let outcome = try RoostBinary.run(words, environment: ["DD_APM_RECEIVER_PORT": "0"], outputPath: "/dev/full")
    #expect(outcome.code == 74)
    #expect(outcome.errors.hasSuffix("roost: cannot write to standard output: No space left on device\n"))
  }

  @Test("A reader that has read enough is no error")
  func brokenPipe() throws {
    let outcome = try RoostBinary.run(["man"], outputPath: nil)
    #expect(outcome.errors.isEmpty)
    #expect(outcome.code == 0 || outcome.code == SIGPIPE)
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

  @Test("Where another program has the port, that is said too")
  func otherProgram() throws {
    let port = try TracePort { _ in "HTTP/1.1 200 OK\r\n\r\n{\"version\":\"7.81.0\"}" }
    let place = ["DD_APM_RECEIVER_SOCKET": port.path, "DD_APM_RECEIVER_PORT": "0"]
    let outcome = try RoostBinary.run(["services"], environment: place)
    #expect(outcome.code == 69)
    #expect(outcome.errors.contains("; another program answers on \(port.path)\nStart one beside it: "))
  }

  @Test("send-test shows what can be seen of a port that is not roost's")
  func sendTestToOthers() throws {
    let port = try TracePort(requests: 2) { _ in "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}" }
    let place = ["DD_APM_RECEIVER_SOCKET": port.path, "DD_APM_RECEIVER_PORT": "0"]
    let outcome = try RoostBinary.run(["send-test"], environment: place)
    let stages = outcome.output.split(separator: "\n")
    let names = ["✓ connected ", "✓ accepted  ", "– counted   ", "– kept      ", "– forwarded "]
    #expect(stages.map { String($0.prefix(12)) } == names)
    #expect(stages.last?.hasSuffix("not visible to you: no roost answers there") == true)
    #expect(outcome.code == 0 && port.request.hasPrefix("PUT /v0.4/traces HTTP/1.1\r\n"))
  }

  @Test("A roost on the port that no process here can be seen to be is named, and not followed")
  func distantRoost() throws {
    let identity = #"{"version":"9.9","pid":1,"uid":0,"user":"x","control_socket":"/run/docker.sock"}"#
    let nowhere = "/tmp/roost-test-nowhere/1.sock"
    for (words, controlPath, code) in [
      (["services"], nowhere, 69), (["services"], "/etc/passwd", 69),
      (["doctor"], nowhere, 0), ([], nowhere, 0), ([], "/etc/passwd", 0),
    ] as [([String], String, Int32)] {
      let port = try TracePort(requests: 8) { _ in "HTTP/1.1 200 OK\r\n\r\n{\"roost\":\(identity)}" }
      let place = [
        "DD_APM_RECEIVER_SOCKET": port.path, "DD_APM_RECEIVER_PORT": "0", "ROOST_CONTROL_SOCKET": controlPath,
      ]
      let outcome = try RoostBinary.run(words, environment: place)
      #expect(code == 0 || outcome.code == code)
      #expect((outcome.output + outcome.errors).contains("its process cannot be seen from here"))
    }
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
