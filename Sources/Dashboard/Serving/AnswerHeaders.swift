/// Headers that every answer has, and those of its kind.
enum AnswerHeaders {
  /// Nothing but the page's own files may run, be shown or be asked; nobody may frame the page or look into its tab.
  static let always: [(name: String, value: String)] = [
    (
      "Content-Security-Policy",
      "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; base-uri 'none'; "
        + "form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'"
    ),
    ("X-Content-Type-Options", "nosniff"),
    ("Referrer-Policy", "no-referrer"),
    ("Cross-Origin-Resource-Policy", "same-origin"),
    ("Cross-Origin-Opener-Policy", "same-origin"),
    ("Permissions-Policy", "camera=(), microphone=(), geolocation=()"),
    ("X-Frame-Options", "DENY"),
  ]

  /// The browser keeps files, and asks each time whether they are still the same.
  static func file(_ file: PageFile) -> [(name: String, value: String)] {
    [("Content-Type", file.mediaType), ("ETag", file.version), ("Cache-Control", "no-cache")]
  }

  /// What is answered to a question may be confidential, and is of this moment.
  static func content(_ mediaType: String) -> [(name: String, value: String)] {
    [("Content-Type", mediaType), ("Cache-Control", "no-store")]
  }
}
