import Patterns
import Testing

@testable import Configuration

@Suite struct RuleListTests {
  @Test(arguments: [
    (#"["GET /ping","GET /x"]"#, ["GET /ping", "GET /x"]), ("[GET /ping]", ["GET /ping"]),
    ("[GET /ping,GET /x]", ["GET /ping", "GET /x"]), ("GET /ping,GET /x", ["GET /ping", "GET /x"]),
    (" GET /ping , GET /x ", ["GET /ping", "GET /x"]), (#""GET /ping", "GET /x""#, ["GET /ping", "GET /x"]),
    (#""GET /a{1,3},b""#, ["GET /a{1,3}", "b"]), (#""a,b","c""#, ["a,b", "c"]),
    ("GET /a{1,3},[,;],(b,c)", ["GET /a{1,3}", "[,;]", "(b,c)"]),
    (#"a\,b,c"#, [#"a\,b"#, "c"]), ("[0-9]+ /x,b", ["[0-9]+ /x", "b"]), ("GET /ping", ["GET /ping"]),
    ("'GET /ping'", ["GET /ping"]), (#"'["GET /ping","b"]'"#, ["GET /ping", "b"]),
    ("[^GET /a{1,2}$, b]", ["^GET /a{1,2}$", "b"]),
    ("[A-Z]+ /x[0-9]", ["[A-Z]+ /x[0-9]"]), ("[A-Z]+ [a-z],b[0-9]", ["[A-Z]+ [a-z]", "b[0-9]"]),
    ("[[A-Z]+ /x[0-9],b]", ["[A-Z]+ /x[0-9]", "b"]), (#"[\]]+a[b]"#, [#"[\]]+a[b]"#]), (#"["[A-Z]"]"#, ["[A-Z]"]),
    ("[A-Z]", ["A-Z"]),
    (#"["\\d+"]"#, [#"\d+"#]), ("a\"b,c", ["a\"b", "c"]), ("[]", []),
    ("[GET /(a,b)]", ["GET /(a,b)"]), (#"[x\,y]"#, [#"x\,y"#]), (#"["a", GET /(b,c)]"#, ["a", "GET /(b,c)"]),
  ])
  func `patterns in a variable are read in each form that people use`(text: String, expected: [String]) {
    for variable in ["DD_APM_IGNORE_RESOURCES", "DD_IGNORE_RESOURCE"] {
      let loaded = load(environment: [variable: text])
      #expect(loaded.value.ignoreResources.map(\.text) == expected && messages(loaded) == [])
    }
  }

  @Test(arguments: [
    (#"["a", "b]"#, "entry 2, at character 7: \"b"), ("[a, GET /(b]", "entry 2, at character 5: GET /(b"),
  ])
  func `a list of patterns whose quotes or brackets do not close is an error that says where`(
    text: String, place: String
  ) {
    let loaded = load(environment: ["DD_APM_IGNORE_RESOURCES": text])
    #expect(messages(loaded).map { $0.contains(place) } == [true], "\(messages(loaded))")
  }

  @Test(arguments: [
    ("a:b c:d", ["a:b", "c:d"]), ("a:b,c:d", ["a:b", "c:d"]), ("a:b{1,2},c:[,]", ["a:b{1,2}", "c:[,]"]),
    (#"["a:b c","d"]"#, ["a:b c", "d"]), ("[a:b c,d]", ["a:b c", "d"]), (#""a:b c" d:e"#, ["a:b c", "d:e"]),
    ("a:b, c:d", ["a:b", "c:d"]), (#""a:b", "c:d""#, ["a:b", "c:d"]),
  ])
  func `tags with patterns are read in each form, too`(text: String, expected: [String]) {
    let loaded = load(environment: ["DD_APM_FILTER_TAGS_REGEX_REJECT": text])
    #expect(loaded.value.filterTagsRegexReject.map(\.text) == expected && messages(loaded) == [])
  }

  @Test func `a value with a comma or a blank stands in quotes or in JSON`() {
    for text in [#""a:b,c" "d:e f""#, #"["a:b,c","d:e f"]"#] {
      #expect(load(environment: ["DD_APM_FILTER_TAGS_REJECT": text]).value.filterTagsReject == ["a:b,c", "d:e f"])
    }
  }

  @Test func `every faulty entry is an error with its place`() {
    let yaml = """
      apm_config:
        ignore_resources:
          - GET /fine
          - "["
          - a(?!b)
        filter_tags:
          reject: [":x", ok]
        replace_tags:
          - {name: a, pattern: b, repl: c}
          - {name: a}
          - pattern: "("
            name: b
      """
    #expect(
      messages(load(yaml)) == [
        "error datadog.yaml:4: apm_config.ignore_resources: entry 2, \"[\": missing closing bracket, at character 1",
        "error datadog.yaml:5: apm_config.ignore_resources: entry 3, \"a(?!b)\": lookahead, which RE2 does not have, at character 2",
        "error datadog.yaml:7: apm_config.filter_tags.reject: entry 1, \":x\": names no tag; write key:value or key",
        "error datadog.yaml:10: apm_config.replace_tags: rule 2: pattern is missing",
        "error datadog.yaml:11: apm_config.replace_tags: rule 3: pattern \"(\": missing closing parenthesis, at character 2",
      ])
    let environment = ["DD_APM_REPLACE_TAGS": #"[{"name":"a","pattern":"a{1001}"}]"#, "DD_IGNORE_RESOURCE": "a,*"]
    #expect(
      messages(load(environment: environment)) == [
        "error DD_IGNORE_RESOURCE: entry 2, \"*\": quantifier does not follow a repeatable item, at character 1",
        "error DD_APM_REPLACE_TAGS: rule 1: pattern \"a{1001}\": a repetition of more than 1000 times, at character 2",
      ])
  }

  @Test func `what a rule does not do, though it seems to, is a warning`() {
    let yaml = """
      apm_config:
        replace_tags: [{name: a, pattern: (b), repl: $1c}]
        filter_tags: {require: ["a:b"]}
        filter_tags_regex: {require: ["a:c", "d:e"]}
      """
    #expect(
      messages(load(yaml)) == [
        "warning datadog.yaml:2: apm_config.replace_tags: rule 1: the pattern has no group \"1c\", so that nothing stands for it in \"$1c\"; ${1} ends a group's name",
        "warning datadog.yaml:4: apm_config.filter_tags_regex.require: \"a\" has no effect beside the same tag in apm_config.filter_tags.require",
      ])
  }
}
