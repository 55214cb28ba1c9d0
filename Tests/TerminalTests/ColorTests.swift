import Terminal
import Testing

@Suite("Colours")
struct ColorChoiceTests {
  @Test(
    "The flag decides, then NO_COLOR, CLICOLOR_FORCE, TERM and the terminal",
    arguments: [
      (.auto, [:], true, true), (.auto, [:], false, false), (.auto, ["NO_COLOR": "1"], true, false),
      (.auto, ["NO_COLOR": ""], true, true), (.auto, ["CLICOLOR_FORCE": "1"], false, true),
      (.auto, ["CLICOLOR_FORCE": "0"], false, false), (.auto, ["NO_COLOR": "1", "CLICOLOR_FORCE": "1"], true, false),
      (.auto, ["TERM": "dumb"], true, false), (.auto, ["TERM": "xterm"], true, true),
      (.always, ["NO_COLOR": "1", "TERM": "dumb"], false, true), (.never, ["CLICOLOR_FORCE": "1"], true, false),
    ] as [(ColorChoice, [String: String], Bool, Bool)])
  func decided(_ choice: ColorChoice, _ environment: [String: String], _ isTerminal: Bool, _ isColored: Bool) {
    #expect(choice.isColored(environment: environment, isTerminal: isTerminal) == isColored)
  }

  @Test("Without colours no style leaves a trace")
  func plain() {
    #expect(Style.bad.applied(to: "x", colors: false) == "x")
    #expect(Style.bad.applied(to: "x", colors: true) == "\u{1b}[31mx\u{1b}[0m")
    #expect(Style.plain.applied(to: "x", colors: true) == "x")
  }
}
