import Testing

@testable import Configuration

@Suite struct ConfigurationHelpTests {
  @Test(arguments: [60, 80, 120]) func `help stays within the width and names every flag`(width: Int) throws {
    let help = ConfigurationHelp.flags(width: width)
    let lines = help.split(separator: "\n")
    #expect(lines.allSatisfy { $0.count <= width })
    for option in OptionTable.flags {
      let usage = try #require(option.flag?.usage)
      #expect(lines.contains { $0.hasPrefix("  \(usage) ") })
    }
    #expect(help.contains("--port PORT") && help.contains("[8126]") && !help.contains("`"))
  }

  @Test func `the list of settings names every option and every topic`() {
    let text = ConfigurationHelp.settings(width: 100)
    for option in OptionTable.options { #expect(text.contains("  \(option.name)")) }
    for topic in ConfigurationOption.Topic.allCases { #expect(text.contains("\(topic.rawValue):\n")) }
    #expect(text.split(separator: "\n").filter { $0.hasPrefix("      ") }.allSatisfy { $0.count <= 100 })
  }
}
