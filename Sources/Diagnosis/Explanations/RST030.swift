extension Explanation {
  static let rst030 = Explanation(
    id: "RST030", name: "A variable is set but empty",
    signs: [
      "DD_ENV= or DD_SERVICE=\"\" in a manifest",
      "env is empty although a default exists",
    ],
    text: """
      A variable with an empty value is not the same as one that is not set. Several tracers take the empty text as the \
      value: the service or environment is then nameless, and defaults from the code, the configuration file or the \
      unset case do not apply. This comes from manifests that pass a variable on which the outer shell does not have, \
      such as `DD_ENV: ${DD_ENV}`. Leave the variable out, or give it a value.
      """)
}
