import Testing

@testable import Scrubbing

/// What is planted: no token that would be known by its look.
private let plant = "hunter2-SECRET"

@Suite("Secrets are found wherever people put them")
struct SecretPlacesTests {
  @Test(
    arguments: [
      ("Cookie: theme=dark; session=PLANT", "Cookie: …"), ("set-cookie: a=b; Path=/; sid=PLANT", "set-cookie: …"),
      ("Cookie: \"a\"; session=PLANT", "Cookie: …"), ("HTTP_COOKIE=a=b; c=PLANT\nnext", "HTTP_COOKIE=…\nnext"),
      ("curl -H 'Cookie: a=b; c=PLANT' http://h", "curl -H 'Cookie: …' http://h"),
      ("{ cookie: 'a=b; c=PLANT', host: 'x' }", "{ cookie: …, host: 'x' }"),
      ("{\"cookie\": \"a; c=PLANT\", \"n\": 1}", "{\"cookie\": …, \"n\": 1}"),
      ("Authorization: Digest username=\"b\", response=\"PLANT\"", "Authorization: …"),
      ("Authorization: ApiKey a PLANT", "Authorization: …"),
      ("Proxy-Authorization: Custom a b PLANT", "Proxy-Authorization: …"),
      ("Signature: keyId=\"a\", signature=\"PLANT\"", "Signature: …"),
      ("X-Hub-Signature-256: sha256=PLANT", "X-Hub-Signature-256: …"),
    ]) func `headers of several words go to the end of the line or quote`(text: String, scrubbed: String)
  {
    #expect(Scrubber.scrub(text.replacing("PLANT", with: plant)) == scrubbed)
  }

  @Test(
    arguments: [
      "DBPASS=PLANT", "dbpass: PLANT", "PGPASS=PLANT", "MYSQL_ROOT_PASS=PLANT", "mypass=PLANT", "redispass: PLANT",
      "smtpPass: PLANT", "fooPass=PLANT", "run --dbpass PLANT", "run --pgpass PLANT",
      "http://h/?sig=PLANT", "http://h/?a=1&signature=PLANT&b=2", "hmac=PLANT", "run --hmac PLANT", "run --salt PLANT",
      "https://hooks.slack.com/services/T0/B0/PLANT", "HOOKS.slack.com/services/T0/B0/PLANT?x",
      "https://discord.com/api/webhooks/1/PLANT", "https://discordapp.com/api/v10/webhooks/1/PLANT",
      "https://api.telegram.org/bot1:PLANT/sendMessage", "passphrase \"PLANT\"", "wrong password 'PLANT' for x",
      "-----BEGIN RSA PRIVATE KEY-----\nPLANT\n-----END RSA PRIVATE KEY-----",
      "-----BEGIN PRIVATE KEY-----\\nPLANT\\n-----END PRIVATE KEY-----\\n", "x -----BEGIN EC PRIVATE KEY-----\nPLANT",
      "PEM=-----BEGIN OPENSSH PRIVATE KEY-----\nPLANT", "-----BEGIN PGP PRIVATE KEY BLOCK-----\n\nPLANT",
      "password=a,PLANT", "password=a;PLANT", "password=a)PLANT", "password=a&PLANT", "password=a}PLANT",
      "password=,PLANT", "password=(a)PLANT", "--token a;PLANT", "dbpass: a,PLANT", "http://h/?sig=a,PLANT",
      "password=a,),PLANT", "password=a,b=PLANT",
    ]) func `a planted secret is gone, from text and from a command line`(text: String)
  {
    let planted = text.replacing("PLANT", with: plant)
    for scrubbed in [Scrubber.scrub(planted)] + Scrubber.commandLine(["app", planted]) + Scrubber.commandLine([planted])
    {
      #expect(!scrubbed.contains("SECRET"), "\(scrubbed)")
    }
  }

  @Test(arguments: ["--dbpass", "--pgpass", "--hmac", "--salt", "--sig", "--cookie", "--signature"])
  func `the argument behind a secret's option goes`(option: String) {
    #expect(Scrubber.commandLine(["app", option, plant, "-v"]) == ["app", option, "…", "-v"])
  }

  @Test(
    arguments: [
      ("password=a,SECRET rest", "password=… rest"), ("f(password=a), g(1)", "f(password=…), g(1)"),
      ("http://h/?sig=abc&env=dev&x=1", "http://h/?sig=…&env=dev&x=1"),
      ("{password: a,env: dev}", "{password: …,env: dev}"),
      ("{\"pin\":1,\"env\":\"dev\"}", "{\"pin\":…,\"env\":\"dev\"}"), ("password=a; exec app", "password=…; exec app"),
      ("https://hooks.slack.com/services/T0/B0/x failed", "https://hooks.slack.com/services/… failed"),
      (
        "a\n-----BEGIN PRIVATE KEY-----\nMII\n-----END PRIVATE KEY-----\nb", "a\n…\nb"
      ),
    ]) func `what stands around stays, and so does the name`(text: String, scrubbed: String)
  {
    #expect(Scrubber.scrub(text) == scrubbed)
  }

  @Test(
    arguments: [
      "let it pass through 3 proxies", "compass=north", "compass: 12", "signal: 9", "killed by signal=SIGTERM",
      "bypass=true",
      "DB_BYPASS=1", "salted=1", "trespass: no", "surpass=2", "/var/lib/app/pass/through.txt", "/etc/ssl/certs",
      "design=flat, size=3", "123,456;789", "a=1,b=2;c=3&d=4", "-----BEGIN CERTIFICATE-----", "hooks.slack.com",
      "https://discord.com/channels/1", "http://h/v0.4/traces?env=dev&n=1", "paths: a,b", "no pass \u{2014} 'x'",
    ]) func `innocent text stays readable`(text: String)
  {
    #expect(Scrubber.scrub(text) == text)
    #expect(Scrubber.commandLine(["app", text]) == ["app", text])
  }
}

@Suite("Texts are cut after their secrets are removed")
struct ShorteningTests {
  @Test func `a secret across the end of what is shown or read is not shown`() {
    let key = "0123456789abcdef0123456789abcdef"
    // Every way in which a key or an address can meet the bound of 10 shown and 40 read.
    for secret in [key, "http://user:\(key)@host/", "password=\(key)", "user:sec ret@host", "https://0123456789:x@h"] {
      for before in 0..<45 {
        let text = String(repeating: "x", count: before) + " " + secret + String(repeating: " y", count: 30)
        let shown = Scrubber.scrub(text, shownMax: 10)
        #expect(!shown.contains("012") && !shown.contains("user:\(key.prefix(1))"), "\(shown)")
        #expect(shown.count <= 10)
      }
    }
  }

  @Test func `a word that is longer than what is read is not shown, but its name is`() {
    let long = String(repeating: "s", count: 100)
    #expect(Scrubber.scrub("see http://u:\(long)@h", shownMax: 20) == "see …")
    #expect(Scrubber.scrub("NAME=\(long)", shownMax: 20) == "NAME=…")
    #expect(Scrubber.scrub(long, shownMax: 20, readMax: 100) == String(repeating: "s", count: 20))
    #expect(Scrubber.scrub(Array(long.utf8), shownMax: 20) == "…")
    #expect(Scrubber.commandLine(["app", "--password", long], shownMax: 9, readMax: 40) == ["app", "--passwor", "…"])
  }

  @Test func `short texts stay, and long ones of short words are cut where they are to be`() {
    #expect(Scrubber.scrub("a b c", shownMax: 5) == "a b c")
    #expect(Scrubber.scrub("a b c", shownMax: 4) == "a b ")
    #expect(Scrubber.scrub("äöü", shownMax: 2) == "äö")
    let long = String(repeating: "word ", count: 500_000)
    #expect(Scrubber.value(long, of: "DD_TAGS", shownMax: 12) == "word word wo")
    #expect(Scrubber.value(long, of: "DD_API_KEY", shownMax: 12) == "…")
    #expect(Scrubber.value("", of: "DD_API_KEY", shownMax: 12) == "")
  }
}
