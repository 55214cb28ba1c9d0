extension OptionTable {
  /// What becomes of traces between decoding and counting.
  static let processing: [ConfigurationOption] = [
    ConfigurationOption(
      "apm_config.ignore_resources", .processing, .patterns(\.ignoreResources),
      variables: ["DD_APM_IGNORE_RESOURCES", "DD_IGNORE_RESOURCE"],
      summary: "drop traces whose root's resource matches one of these",
      meaning: """
        Regular expressions that match anywhere in the resource, so that `^GET /health$` is only that one. What is \
        dropped is in no statistics and no table; `roost info -v` counts it by pattern. In a variable \
        `["GET /ping","GET /x"]`, `[GET /ping,GET /x]` and `GET /ping, GET /x` are the same; commas within brackets \
        or behind a backslash part nothing. Brackets around the whole are a list's: a pattern that is one class of \
        characters is written `["[A-Z]"]`.

        Patterns are those of RE2, which Datadog's trace-agent uses: there is no lookaround and no back reference. They \
        run with a limit of steps. A trace of which that leaves open whether a pattern matches is kept, and \
        `roost info -v` counts it. `roost config check` tries every pattern.
        """),
    ConfigurationOption(
      "apm_config.filter_tags.reject", .processing, .tags(\.filterTagsReject, .spaces),
      variables: ["DD_APM_FILTER_TAGS_REJECT"],
      summary: "drop traces whose root has one of these tags",
      meaning: """
        Each is `key:value`, or a key alone for any value. Only texts of the root span are looked at, `env` as it is \
        normalized. What is dropped is in no statistics and no table; `roost info -v` counts it by rule. A value with a \
        comma or a blank needs quotes around its entry, or a JSON list.
        """),
    ConfigurationOption(
      "apm_config.filter_tags.require", .processing, .tags(\.filterTagsRequire, .spaces),
      variables: ["DD_APM_FILTER_TAGS_REQUIRE"],
      summary: "drop traces whose root lacks one of these tags",
      meaning: "Written as in `apm_config.filter_tags.reject`, which is looked at first. All of them have to be there."),
    ConfigurationOption(
      "apm_config.filter_tags_regex.reject", .processing, .tagPatterns(\.filterTagsRegexReject),
      variables: ["DD_APM_FILTER_TAGS_REGEX_REJECT"],
      summary: "drop traces whose root has a tag with a matching value",
      meaning: """
        Each is `key:pattern`; the pattern matches anywhere in the value. An entry has no effect beside one of \
        `apm_config.filter_tags.reject` with the same key. Patterns are as in `apm_config.ignore_resources`.
        """),
    ConfigurationOption(
      "apm_config.filter_tags_regex.require", .processing, .tagPatterns(\.filterTagsRegexRequire),
      variables: ["DD_APM_FILTER_TAGS_REGEX_REQUIRE"],
      summary: "drop traces whose root lacks a tag with a matching value",
      meaning: "Written as in `apm_config.filter_tags_regex.reject`. All of them have to match."),
    ConfigurationOption(
      "apm_config.replace_tags", .processing, .replaceRules(\.replaceRules), variables: ["DD_APM_REPLACE_TAGS"],
      summary: "replace what matches in tags and resources",
      meaning: """
        Each rule has a `name`, a `pattern` and a `repl`: all that the pattern matches in the tag of that name is \
        replaced, rule by rule, after obfuscation and before anything is counted, stored or sent. The name \
        `resource.name` stands for the resource, `*` for the resource and all tags whose names do not begin with `_`. \
        Attributes of span events are tags here. A number is taken as its text, and becomes a tag of text when it is \
        none any more. In `repl`, `${1}` and `${name}` stand for groups, `$$` for a dollar.

            replace_tags:
              - {name: http.url, pattern: "(token=)[^&]*", repl: "${1}?"}

        In a variable the same list as JSON. Patterns are as in `apm_config.ignore_resources`; a value of which the \
        limits leave open what to replace becomes `?` as a whole.
        """),
  ]
}
