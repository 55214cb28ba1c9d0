extension OptionTable {
  /// What becomes of traces between decoding and counting.
  static let processing: [ConfigurationOption] = [
    ConfigurationOption(
      "apm_config.filter_tags.reject", .processing, .list(\.filterTagsReject, .spaces),
      variables: ["DD_APM_FILTER_TAGS_REJECT"],
      summary: "drop traces whose root has one of these tags",
      meaning: """
        Each is `key:value`, or a key alone for any value. Only texts of the root span are looked at, `env` as it is \
        normalized. What is dropped is in no statistics and no table; `roost info -v` counts it by rule.
        """),
    ConfigurationOption(
      "apm_config.filter_tags.require", .processing, .list(\.filterTagsRequire, .spaces),
      variables: ["DD_APM_FILTER_TAGS_REQUIRE"],
      summary: "drop traces whose root lacks one of these tags",
      meaning: "Written as in `apm_config.filter_tags.reject`, which is looked at first. All of them have to be there."),
  ]
}
