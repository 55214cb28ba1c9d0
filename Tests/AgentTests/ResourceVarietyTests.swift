import Testing

@testable import Agent

@Suite struct `Identifiers in resources` {
  @Test(
    arguments: [
      ("GET /users/8315", "GET /users/{id}"), ("/users/8315/orders/123", "/users/{id}/orders/{id}"),
      ("GET /f/0b5e7c1c-7b0d-4f4e-9d52-3c2f5f3b9a11", "GET /f/{id}"), ("GET /o/5f43a9c1e0b2d4f6", "GET /o/{id}"),
      ("GET /users/{id}", nil), ("GET /users/42", nil), ("GET /v2/users", nil), ("GET /feedfacecafebeefdead", nil),
      ("SELECT * FROM t WHERE id = 12345", nil), ("12345", nil), ("", nil), ("/", nil),
      ("GET /0b5e7c1c-7b0d-4f4e-9d52-3c2f5f3b9a1x", nil),
    ] as [(String, String?)])
  func `are numbers, UUIDs and long hexadecimal in a path`(_ resource: String, _ template: String?) {
    #expect(IDLikeText.template(of: resource) == template)
  }

  @Test func `are believed when several resources differ in nothing else`() {
    #expect(ServiceVariety.idLike(["GET /users/811", "GET /users/812", "GET /cart"]) == nil)
    #expect(ServiceVariety.idLike(["GET /users/813", "GET /users/812", "GET /users/811"]) == "GET /users/811")
    #expect(ServiceVariety.idLike(["GET /a/811", "GET /b/812", "GET /c/813"]) == nil)
  }
}
