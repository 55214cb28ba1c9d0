import Terminal
import Testing

@Suite("Completions and the manual page")
struct CompletionTests {
  /// As small as a program can be with everything that a completion has to know.
  private static let program = ProgramModel(
    name: "tool", summary: "A tool: it's [small].",
    commands: [
      CommandModel(
        "open", summary: "Open it.",
        arguments: [
          ArgumentModel("ITEM", values: .output(["list", "--names"])),
          ArgumentModel("HOW", values: .choices(["a", "b"])),
        ],
        options: [
          OptionModel(
            "mode", short: "m", value: "MODE", choices: ["fast", "slow"], help: "How fast: it's [up to you]."),
          OptionModel("from", value: "FILE", help: "Read this. And more."),
          OptionModel("age", value: "AGE", help: "Old."),
        ]),
      CommandModel("help", summary: "Say it.", arguments: [ArgumentModel("COMMAND", values: .commands)], globals: []),
      CommandModel("run", summary: "Run.", takesRest: true),
    ], globals: [OptionModel("config", value: "FILE", help: "Settings."), OptionModel("json", help: "A document.")])

  @Test("Every command and option of the model is in every script", arguments: CompletionShell.allCases)
  func complete(_ shell: CompletionShell) {
    let script = shell.script(for: Self.program)
    for word in ["open", "help", "run", "mode", "from", "age", "config", "json", "fast", "list", "--names"] {
      #expect(script.contains(word), "\(word)")
    }
  }

  @Test("A command that is added to the model is in scripts and manual without another change")
  func added() {
    var program = Self.program
    program.commands.append(CommandModel("fresh", summary: "Be new.", options: [OptionModel("crisp", help: "Very.")]))
    for shell in CompletionShell.allCases {
      #expect(shell.script(for: program).contains("fresh") && shell.script(for: program).contains("crisp"))
    }
    #expect(program.manualPage(Self.manual).contains(".Ss tool fresh"))
    #expect(program.manualPage(Self.manual).contains(".It Fl \\-crisp"))
  }

  private static let manual = Manual(
    version: "1.2", date: "May 1, 2026", description: "First. 'Second' \\ one.\n\n.Third – last.",
    environment: [Manual.Entry(["TOOL_A", "TOOL_B"], "Sets it.")], files: [Manual.Entry(["/etc/tool-x"], "It.")])

  @Test("Nothing in the manual's texts is taken for its language, and each sentence begins a line")
  func manualText() {
    let page = Self.program.manualPage(Self.manual)
    #expect(page.contains("First.\n\\(aqSecond\\(aq \\e one.\n.Pp\n\\&.Third \\[u2013] last."))
    #expect(page.contains(".It Ev TOOL_A , Ev TOOL_B\nSets it."))
    #expect(page.contains(".It Pa /etc/tool\\-x"))
    #expect(page.contains(".It Fl m , Fl \\-mode Ar \"fast|slow\""))
    #expect(page.contains(".Nd A tool: it\\(aqs [small]"))
    #expect(page.hasPrefix(".\\\" Made by `tool man`.\n.Dd May 1, 2026\n.Dt TOOL 1\n.Os tool 1.2\n"))
  }

  @Test("Exit codes are listed in order, each once")
  func exitCodes() {
    let codes = ExitCode.meanings.map(\.code.rawValue)
    #expect(codes == Set(codes).sorted())
    #expect(codes.contains(ExitCode.noAgent.rawValue) && codes.contains(ExitCode.noCommand.rawValue))
  }
}
