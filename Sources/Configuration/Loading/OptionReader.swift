/// Finds the place that decides an option and reads it.
struct OptionReader {
  /// Top mapping of the file, if any.
  let root: YAMLNode?
  /// The file's path, for origins.
  let path: String
  let environment: [String: String]
  let flags: [String: String]
  /// What `ENC[…]` stands for; `nil` where nobody is asked.
  private var secrets: SecretReferences?

  init(root: YAMLNode?, path: String, environment: [String: String], flags: [String: String]) {
    self.root = root
    self.path = path
    self.environment = environment
    self.flags = flags
  }

  /// Asks once for all secrets that the options need.
  mutating func findSecrets(
    of options: [ConfigurationOption], asking: SecretAsking?, into loaded: inout LoadedConfiguration
  ) {
    var handles: [String] = []
    var first: (option: String, origin: ConfigurationOrigin)?
    for option in options {
      guard let (node, origin, written) = place(of: option) else { continue }
      let found = SecretReferences.handles(in: node)
      if found.isEmpty { continue }
      loaded.secretOptions.insert(option.name)
      first = first ?? (written, origin)
      handles += found.filter { !handles.contains($0) }
    }
    guard let first, let asking else { return }
    let backend = loaded.value.secrets
    guard let command = backend.command else {
      return loaded.report(
        .error, first.origin, first.option, "ENC[…] needs secret_backend_command, which is not set")
    }
    switch asking(backend, handles) {
    case .success(let answers): secrets = SecretReferences(answers: answers)
    case .failure(let failure):
      loaded.report(
        .error, loaded.origin(of: "secret_backend_command"), "secret_backend_command",
        "\(QuotedText.escaped(command)): \(failure.reason)")
    }
  }

  /// Reads an option from the first place that sets it. A bad value there is reported and not covered up by a lower one.
  func read(_ option: ConfigurationOption, into loaded: inout LoadedConfiguration) {
    guard let (node, origin, written) = place(of: option) else { return }
    let isSecret = loaded.secretOptions.contains(option.name)
    if isSecret, secrets == nil {
      loaded.origins[option.name] = origin
      return
    }
    do throws(BadValue) {
      try option.slot.read(isSecret ? resolved(node) : node, into: &loaded.value)
      loaded.origins[option.name] = origin
      if let newer = option.newerName(for: written) { loaded.note(origin, written, "is an older name of \(newer)") }
    } catch {
      for fault in error.all {
        // What is wrong with a secret is said without it.
        let message = isSecret && !fault.isOfSecrets ? "its secret is no \(option.slot.typeText)" : fault.message
        loaded.report(.error, origin.moved(toLine: fault.line), written, message)
      }
    }
  }

  private func resolved(_ node: YAMLNode) throws(BadValue) -> YAMLNode {
    do throws(SecretFailure) { return try secrets?.resolved(node) ?? node } catch {
      throw BadValue("the secret cannot be had: \(QuotedText.escaped(error.reason))", isOfSecrets: true)
    }
  }

  /// The value that decides, where it stands, and the name it was written under.
  private func place(of option: ConfigurationOption) -> (YAMLNode, ConfigurationOrigin, String)? {
    if let flag = option.flag, let text = flags[flag.name], !Self.isBlank(text) || !option.isEmptyUnset {
      return (Self.text(text), .flag(flag.name), flag.name)
    }
    for source in option.sources {
      switch source {
      case .variable(let name):
        // Empty is unset here for every option: images and service files declare variables that they leave empty.
        if let text = environment[name], !Self.isBlank(text) { return (Self.text(text), .variable(name), name) }
      case .key(let key):
        guard let entry = root?.entry(at: key.split(separator: ".").map(String.init)), !entry.value.isNull,
          !option.isEmptyUnset || !Self.isBlank(entry.value)
        else { continue }
        return (entry.value, .file(path: path, line: entry.line), key)
      }
    }
    return nil
  }

  private static func isBlank(_ text: String) -> Bool { text.allSatisfy(\.isWhitespace) }

  private static func isBlank(_ node: YAMLNode) -> Bool {
    if case .scalar(let text, _) = node.content { isBlank(text) } else { false }
  }

  private static func text(_ text: String) -> YAMLNode { YAMLNode(.scalar(text, isPlain: false), line: 1) }
}
