import Testing

@testable import Configuration

/// Loads a YAML text as `datadog.yaml`.
func load(
  _ yaml: String? = nil, environment: [String: String] = [:], flags: [String: String] = [:],
  isContainerized: Bool = false
) -> LoadedConfiguration {
  ConfigurationLoader.load(
    file: yaml.map { ConfigurationFile(path: "datadog.yaml", bytes: Array($0.utf8)) },
    environment: environment, flags: flags, isContainerized: isContainerized)
}

/// Problems as a person reads them, errors marked.
func messages(_ loaded: LoadedConfiguration) -> [String] {
  loaded.problems.map { "\($0.severity.rawValue) \($0)" }
}
