import Text

/// Reads file, environment and flags into one value. Pure: all that it reads is handed to it.
package enum ConfigurationLoader {
  /// Loads a configuration; never fails, but reports what is wrong in `problems`.
  ///
  /// A flag beats variables, a variable beats the file; the rows of `OptionTable` say where the order differs. An empty
  /// variable is not set. After an error in the file's YAML nothing of the file is used.
  ///
  /// - Parameters:
  ///   - file: nil when there is none.
  ///   - environment: all variables of the process.
  ///   - flags: texts by flag name with its dashes; `true` for a switch.
  ///   - isContainerized: whether the process runs in a container.
  ///   - isForRun: whether it is for an agent of a `roost run`, which opens a page unless told otherwise.
  ///   - askSecrets: asks the program for what `ENC[…]` stands for; without it options with such values keep their defaults.
  package static func load(
    file: ConfigurationFile? = nil, environment: [String: String] = [:], flags: [String: String] = [:],
    isContainerized: Bool = false, isForRun: Bool = false, askSecrets: SecretAsking? = nil
  ) -> LoadedConfiguration {
    var loaded = LoadedConfiguration()
    loaded.value.isContainerized = isContainerized
    if isForRun { loaded.value.page = .standard }
    let options = OptionTable.options
    let unknown = UnknownNames(known: KnownNames(options: options, accepted: AcceptedKey.all))
    let root = file.flatMap { tree(of: $0, into: &loaded) }
    if let root, let file { unknown.check(root, path: file.path, into: &loaded) }
    unknown.check(environment, into: &loaded)
    reportUnknownFlags(flags, options, into: &loaded)

    var reader = OptionReader(root: root, path: file?.path ?? "", environment: environment, flags: flags)
    // Which program is to be asked is no secret.
    for option in OptionTable.secrets { reader.read(option, into: &loaded) }
    let others = options.filter { !$0.name.hasPrefix("secret_") }
    reader.findSecrets(of: others, asking: askSecrets, into: &loaded)
    for option in others { reader.read(option, into: &loaded) }
    // Datadog's documentation has the first set in tasks, Fargate sets the second itself.
    if environment["ECS_FARGATE"]?.isEmpty == false || environment["AWS_EXECUTION_ENV"] == "AWS_ECS_FARGATE" {
      loaded.value.isOnFargate = true
      loaded.value.isOnECS = true
    }
    loaded.derive()
    if let file { reportExposedSecrets(file, root, into: &loaded) }
    return loaded
  }

  /// Whoever may read the file has the key; whoever may write to it has the agent send somewhere else.
  private static func reportExposedSecrets(
    _ file: ConfigurationFile, _ root: YAMLNode?, into loaded: inout LoadedConfiguration
  ) {
    report("api_key", "this key", file, into: &loaded)
    // As they are written, and not what `ENC[…]` stands for.
    guard let written = root?.entry(at: ["local", "destinations"])?.value,
      let destinations = try? OptionSlot.destinations(written)
    else { return }
    let hasHeaders = destinations.contains { $0.headers.contains { SecretReferences.handle(in: $0.value) == nil } }
    if hasHeaders || destinations.contains(where: \.url.hasUser) {
      report("local.destinations", hasHeaders ? "these headers" : "this password", file, into: &loaded)
    }
  }

  private static func report(
    _ option: String, _ what: String, _ file: ConfigurationFile, into loaded: inout LoadedConfiguration
  ) {
    let origin = loaded.origin(of: option)
    guard case .file = origin, let mode = file.mode, mode & 0o006 != 0 else { return }
    let may = [mode & 0o004 != 0 ? "read" : nil, mode & 0o002 != 0 ? "write" : nil].compactMap { $0 }
    let digits = String(mode, radix: 8)
    loaded.report(
      .warning, origin, option,
      "everybody on this machine may \(may.joined(separator: " and ")) the file with \(what) (mode 0\(digits)); "
        + "chmod o-rwx \(QuotedText.escaped(file.path))")
  }

  /// The top mapping of a file, or nil after reporting why there is none.
  private static func tree(of file: ConfigurationFile, into loaded: inout LoadedConfiguration) -> YAMLNode? {
    if file.isLegacy { return legacyTree(of: file, into: &loaded) }
    do throws(YAMLError) {
      let document = try YAMLDocument(file.bytes)
      if let line = document.secondDocumentLine {
        loaded.report(
          .warning, .file(path: file.path, line: line), nil, "a second document starts here; only the first is read")
      }
      for key in document.repeatedKeys.prefix(UnknownNames.reportedMax) {
        loaded.report(
          .warning, .file(path: file.path, line: key.line), QuotedText.escaped(key.name),
          "is already set on line \(key.firstLine); this one counts")
      }
      guard let root = document.root, !root.isNull else { return nil }
      guard case .mapping = root.content else {
        loaded.report(.error, .file(path: file.path, line: root.line), nil, "keys with values are expected")
        return nil
      }
      return root
    } catch {
      loaded.report(
        .error, .file(path: file.path, line: error.line, column: error.column), nil, error.message)
      return nil
    }
  }

  /// The settings of a `datadog.conf` in the form of a `datadog.yaml`.
  private static func legacyTree(of file: ConfigurationFile, into loaded: inout LoadedConfiguration) -> YAMLNode {
    let document = INIDocument(file.bytes)
    let legacy = LegacyConfiguration(document)
    func place(_ line: Int) -> ConfigurationOrigin { .file(path: file.path, line: line) }
    loaded.note(
      .file(path: file.path, line: nil), nil,
      "has the form of the Datadog agent 5; roost config migrate \(QuotedText.escaped(file.path)) prints the same as "
        + "datadog.yaml")
    if let line = document.lineOfFirstUnread {
      loaded.report(.error, place(line), nil, "more than \(INIDocument.entriesMax) keys, so not a configuration file")
    }
    for line in legacy.otherLines.prefix(UnknownNames.reportedMax) {
      loaded.report(.warning, place(line), nil, "is neither a section in brackets nor a key with a value")
    }
    for entry in legacy.unread.prefix(UnknownNames.reportedMax) {
      let name = QuotedText.escaped(entry.name)
      if let mistake = entry.mistake { loaded.report(.warning, place(entry.line), name, mistake) }
      loaded.addWithoutEffect(
        name, place(entry.line), entry.mistake == nil ? .noMeaning : .unknown,
        entry.mistake ?? "setting of older trace-agents")
    }
    return legacy.root
  }

  private static func reportUnknownFlags(
    _ flags: [String: String], _ options: [ConfigurationOption], into loaded: inout LoadedConfiguration
  ) {
    let known = options.compactMap { $0.flag?.name }
    for flag in flags.keys.sorted() where !known.contains(flag) {
      let hint = SpellingDistance.nearest(to: flag, of: known).map { "; did you mean \($0)?" } ?? ""
      loaded.report(.error, .flag(QuotedText.escaped(flag)), nil, "unknown flag\(hint)")
    }
  }
}
