import Testing

@testable import Configuration

@Suite struct OptionTableTests {
  private func example(_ name: String) throws -> OptionExample {
    try #require(OptionExample.all.first { $0.option == name }, "no example for \(name)")
  }

  /// A path of keys with a value, as YAML.
  private func yaml(_ path: String, _ value: String) -> String {
    let parts = path.split(separator: ".")
    return parts.enumerated().map { index, part in String(repeating: "  ", count: index) + part + ":" }
      .joined(separator: "\n") + " \(value)\n"
  }

  @Test func `every option has exactly one example and a name of its own`() {
    #expect(OptionTable.options.map(\.name).sorted() == OptionExample.all.map(\.option).sorted())
    #expect(Set(OptionTable.options.map(\.name)).count == OptionTable.options.count)
  }

  @Test func `no two options share a key, a variable or a flag, and keys are lower case`() {
    let options = OptionTable.options
    for names in [options.flatMap(\.keys), options.flatMap(\.variables), options.compactMap { $0.flag?.name }] {
      #expect(Set(names).count == names.count)
    }
    #expect(options.flatMap(\.keys).allSatisfy { $0 == $0.lowercased() })
  }

  @Test func `nothing is both an option and accepted without use`() {
    let known = Set(OptionTable.options.flatMap { $0.keys + $0.variables })
    #expect(AcceptedKey.all.flatMap { $0.keys + $0.variables }.filter(known.contains) == [])
  }

  @Test func `every option has its default when nobody sets it`() throws {
    let loaded = load()
    #expect(loaded.value == AgentConfiguration())
    #expect(loaded.origins.isEmpty && loaded.problems.isEmpty)
    for option in OptionTable.options {
      #expect(option.slot.text(in: loaded.value) == (try example(option.name)).standard, "\(option.name)")
    }
  }

  @Test(arguments: OptionTable.options.flatMap { option in option.keys.map { (option.name, $0) } })
  func `every key of the file sets its option`(name: String, key: String) throws {
    let option = try #require(OptionTable.options.first { $0.name == name })
    let example = try example(name)
    let loaded = load(yaml(key, "'\(example.text)'"))
    #expect(messages(loaded) == [])
    #expect(option.slot.text(in: loaded.value) == example.shown)
    #expect(loaded.origin(of: name) == .file(path: "datadog.yaml", line: key.split(separator: ".").count))
  }

  @Test(arguments: OptionTable.options.flatMap { option in option.variables.map { (option.name, $0) } })
  func `every variable sets its option and is not set when empty`(name: String, variable: String) throws {
    let option = try #require(OptionTable.options.first { $0.name == name })
    let example = try example(name)
    let loaded = load(environment: [variable: example.text])
    #expect(messages(loaded) == [])
    #expect(option.slot.text(in: loaded.value) == example.shown)
    #expect(loaded.origin(of: name) == .variable(variable))
    for blank in ["", "  "] { #expect(load(environment: [variable: blank]).value == AgentConfiguration()) }
  }

  @Test func `every flag sets its option and beats all else`() throws {
    for option in OptionTable.flags {
      let flag = try #require(option.flag)
      let example = try example(option.name)
      let text = flag.placeholder == nil ? "true" : example.text
      let loaded = load(
        option.keys.first.map { yaml($0, "{bad: value}") },
        environment: Dictionary(uniqueKeysWithValues: option.variables.map { ($0, "bad value :// \u{1}") }),
        flags: [flag.name: text])
      #expect(messages(loaded) == [])
      #expect(option.slot.text(in: loaded.value) == example.shown)
      #expect(loaded.origin(of: option.name) == .flag(flag.name))
    }
  }

  @Test func `sources win in the order in which the table lists them`() throws {
    for option in OptionTable.options where option.sources.count > 1 {
      let example = try example(option.name)
      for (index, source) in option.sources.enumerated() {
        // The source holds the example, all lower ones something that would be an error or another value.
        var environment: [String: String] = [:]
        var file: String?
        for lower in option.sources[(index + 1)...] {
          switch lower {
          case .variable(let variable): environment[variable] = example.refused?.text ?? "other"
          case .key(let key): file = file ?? yaml(key, "'\(example.refused?.text ?? "other")'")
          }
        }
        switch source {
        case .variable(let variable): environment[variable] = example.text
        case .key(let key): file = yaml(key, "'\(example.text)'")
        }
        let loaded = load(file, environment: environment)
        #expect(messages(loaded) == [], "\(option.name) from \(source)")
        #expect(option.slot.text(in: loaded.value) == example.shown, "\(option.name) from \(source)")
      }
    }
  }

  @Test(arguments: OptionExample.all.filter { $0.refused != nil }.map(\.option))
  func `a bad value is an error with its place and leaves the default`(name: String) throws {
    let option = try #require(OptionTable.options.first { $0.name == name })
    let refused = try #require(try example(name).refused)
    if let key = option.keys.first {
      let loaded = load(yaml(key, "'\(refused.text)'"))
      let line = key.split(separator: ".").count
      #expect(messages(loaded) == ["error datadog.yaml:\(line): \(key): \(refused.message)"])
      #expect(loaded.value == AgentConfiguration() && !loaded.isUsable)
    }
    if let variable = option.variables.first {
      let loaded = load(environment: [variable: refused.text])
      #expect(messages(loaded) == ["error \(variable): \(refused.message)"])
      #expect(loaded.value == AgentConfiguration() && !loaded.isUsable)
    }
  }

  @Test func `a value where a list or mapping stands is an error for every option with a key`() throws {
    for option in OptionTable.options {
      guard let key = option.keys.first else { continue }
      // Rates are a mapping themselves.
      #expect(!load(yaml(key, "{a: {b: 1}}")).isUsable, "\(key)")
    }
  }

  @Test func `a key without a value is not set`() {
    for option in OptionTable.options {
      for key in option.keys {
        for null in ["", "~", "null"] {
          let loaded = load(yaml(key, null))
          #expect(loaded.value == AgentConfiguration() && loaded.problems.isEmpty, "\(key): \(null)")
        }
      }
    }
  }
}
