extension Explanation {
  static let rst045 = Explanation(
    id: "RST045", name: "Service, environment or resources have poor names",
    signs: [
      "a service called unnamed-python-service",
      "env is none",
      "thousands of resources",
      "a service is missing, another is unknown",
    ],
    text: """
      A service is one program of yours, a resource one kind of work that it does (`GET /users/{id}`), an environment \
      where it runs. When the tracer is told nothing, it makes a name up from the script or the framework, or sends none \
      and the agent writes unnamed-LANGUAGE-service; without DD_ENV everything is in `none`. A resource that holds an \
      id (`GET /users/8231`) makes a new row for each user: statistics become useless and large. Put what varies into a \
      tag and keep the route as the resource.
      """)
}
