import Testing

@testable import Scrubbing

/// Secrets that are planted; none may be left in what comes out.
private let plants = [
  "hunter2", "Sw0rdfish!", "0123456789abcdef0123456789abcdef", "0123456789ABCDEF0123456789ABCDEF01234567",
  "pub0123456789abcdef0123456789abcdef", "ghp_abcdefghijklmnopqrstuvwxyz0123456789", "correct-horse.battery_staple",
  "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.c2lnbmF0dXJl", "p@ss", "pa/ss", "a:b", "café",
]

@Suite("What may be a secret never gets into the evidence")
struct ScrubberTests {
  @Test(
    arguments: [
      "http://user:PLANT@localhost:8126/path", "https://PLANT@host", "unix://u:PLANT@/var/run/datadog/apm.socket",
      "see (http://u:PLANT@h:1) and http://other/", "a://x:PLANT@y,b://z:PLANT@w",
      "user:PLANT@10.0.0.1:5432", "api_key=PLANT&x=1", "DD_API_KEY=PLANT", "DD-API-KEY: PLANT",
      "{\"api_key\": \"PLANT\", \"n\": 1}", "{\\\"apiKey\\\":\\\"PLANT\\\"}", "'password' => 'PLANT'",
      "params[secret]=PLANT", "Authorization: Bearer PLANT", "authorization=Basic PLANT", "db.Password = PLANT;",
      "x-auth-token:PLANT", "pass: PLANT", "Cookie: PLANT", "PGPASSWORD=PLANT", "client_secret:=PLANT",
      "refused --password PLANT", "celery worker --token  PLANT", "ran ['app', '--token', 'PLANT']", "--api-key\tPLANT",
      "{\"auth\": [\"u\", \"PLANT\"], \"n\": 1}", "{\"auth\":{\"user\":\"PLANT\",\"pass\":\"x\"}}",
      "auth=('u', 'PLANT')",
      "auth: [[\"u\"], \"]\", \"PLANT\"]", "auth=[\"u\", \"PLANT", "DD_API_KY=PLANT", "pasword: PLANT",
      "\"tokne\": \"PLANT\"",
      "ran mysql -u root -p'PLANT' shop",
    ], plants) func `a planted secret is gone from text`(text: String, plant: String)
  {
    let planted = text.split(separator: "PLANT", omittingEmptySubsequences: false).joined(separator: plant)
    let scrubbed = Scrubber.scrub(planted)
    #expect(!scrubbed.contains(plant), "\(scrubbed)")
    #expect(scrubbed.contains("…"))
  }

  @Test(arguments: plants.filter { $0.count > 30 }) func `a token by itself is known by its look`(plant: String) {
    for text in ["\(plant)", "using \(plant), then", "/v1/\(plant)/x", "-\(plant)-", "x=\(plant)"] {
      #expect(!Scrubber.scrub(text).contains(plant))
    }
  }

  @Test func `a container's folder on a path stays, and a key of that length anywhere else goes`() {
    let id = String(repeating: "0123456789abcdef", count: 4)
    for path in ["/run/\(id)/apm.socket", "unix:///var/lib/docker/volumes/\(id)/_data/apm.socket"] {
      #expect(Scrubber.scrub(path) == path)
    }
    for text in [id, "/run/\(id)", "key \(id)/x", "/run/\(id.uppercased())/x", "/run/\(id)0/x", "x=\(id)"] {
      #expect(!Scrubber.scrub(text).contains("0123456789"), "\(text)")
      #expect(!Scrubber.scrub(text).contains("0123456789ABC"))
    }
  }

  @Test(
    arguments: [
      ("http://user:pw@localhost:8126/path?x=1", "http://…@localhost:8126/path?x=1"),
      ("tcp://[::1]:8126/a@b", "tcp://[::1]:8126/a@b"),
      ("http://host:8126/mail?to=a@b", "http://host:8126/mail?to=a@b"),
      ("http://h/?api_key=abc&env=dev", "http://h/?api_key=…&env=dev"),
      ("{\"api_key\": \"a, \\\" b\", \"n\": 1}", "{\"api_key\": …, \"n\": 1}"),
      ("Authorization: Bearer abc def\nHost: h", "Authorization: …\nHost: h"),
      (
        "connect ECONNREFUSED 127.0.0.1:8126 --password hunter2 now",
        "connect ECONNREFUSED 127.0.0.1:8126 --password … now"
      ),
      ("app --use-auth --port 80", "app --use-auth --port 80"),
      ("{\"auth\":[\"u\",\"p\"],\"n\":1}", "{\"auth\":…,\"n\":1}"),
      ("/usr/bin/mysqldump -uroot -phunter2 shop; ps -p4", "/usr/bin/mysqldump -uroot -p… shop; ps -p4"),
    ]) func `what surrounds a secret stays`(text: String, scrubbed: String)
  {
    #expect(Scrubber.scrub(text) == scrubbed)
  }

  @Test(
    arguments: [
      "ddtrace.writer - ERROR - cannot send services: [Errno 61] Connection refused",
      "failed to send, dropping 3 traces to intake at http://localhost:8126/v0.5/traces after 3 retries",
      "HTTPConnectionPool(host='localhost', port=8126): Max retries exceeded with url: /v0.3/traces",
      "connect ECONNREFUSED ::1:8126", "dial tcp [::1]:8126: connect: connection refused",
      "unix:///var/run/datadog/apm.socket", "python -m gunicorn app:app --bind 0.0.0.0:8000 --preload",
      "git@github.com:a/b",
      "https://registry.example.org/@datadog/pkg", "DD_ENV=", "7b3d8e9f0a1b2c3d4e5f60718293a4b",
    ]) func `text without secrets is left alone`(text: String)
  {
    #expect(Scrubber.scrub(text) == text)
  }

  @Test(arguments: plants) func `values of variables named like secrets go whole`(plant: String) {
    for name in [
      "DD_API_KEY", "DD_APP_KEY", "AWS_SECRET_ACCESS_KEY", "DB_PASSWORD", "dd_auth", "OTEL_EXPORTER_OTLP_HEADERS",
      "DATABASE_PASS", "SENTRY_DSN", "GitToken", "SSH_PRIVATE", "MY_CREDENTIALS",
    ] {
      #expect(Scrubber.value("some \(plant) words", of: name) == "…")
      #expect(Scrubber.value("", of: name) == "")
    }
    #expect(!Scrubber.value("http://user:\(plant)@proxy:3128", of: "HTTP_PROXY").contains(plant))
  }

  @Test(arguments: [
    "DD_API_KY", "DD_API_KYE", "DD_API_EKY", "DD_API_LEY", "DD_API_KEE", "DD_APL_KET", "DD_APP_KY", "DATADOG_API_KE",
    "GITHUB_TOKN", "MY_TOKNE", "CLIENT_SECERT", "APP_SECRT", "DB_PASWORD", "DB_PASSOWRD", "DB_PAWSORD", "DB_PAS",
    "DB_PDW", "X_ATUH", "AWS_CREDENTAILS", "AWS_CREDNTIAL", "apiKy", "dbPasword", "dd.api.ky",
    "OTEL_EXPORTER_OTLP_HAEDERS",
  ])
  func `a misspelt name of a secret hides its value`(name: String) {
    #expect(Scrubber.value("hunter2secret", of: name) == "…")
    #expect(Scrubber.scrub("\(name)=hunter2secret") == "\(name)=…")
  }

  @Test(arguments: [
    "DD_ENV", "DD_SITE", "DD_TAGS", "DD_SERVICE", "DD_TRACE_AUTO_INSTRUMENT", "DD_HOSTNAME", "DD_APM_ENV", "DD_URL",
    "DD_AGENT_HOTS", "DD_TRACE_AGENT_PROT", "DD_APPSEC_ENABLED", "OTEL_TRACES_SAMPLER", "PYTHONPATH", "LD_PRELOAD",
    "DD_TRACE_AGENT_URL", "OTEL_EXPORTER_OTLP_ENDPOINT", "DD_PID", "path", "page", "select", "took", "seconds", "port",
  ])
  func `a name that is like no secret's keeps its value`(name: String) {
    #expect(Scrubber.value("shop", of: name) == "shop")
  }

  @Test func `values of other variables stay`() {
    #expect(Scrubber.value("http://localhost:8126", of: "DD_TRACE_AGENT_URL") == "http://localhost:8126")
    #expect(Scrubber.value("shop", of: "DD_SERVICE") == "shop")
    #expect(Scrubber.value("a:1,b:2", of: "DD_TAGS") == "a:1,b:2")
    #expect(Scrubber.value("8126", of: "DD_BYPASS") == "8126")
  }

  @Test(
    arguments: [
      ["app", "--api-key", "PLANT"], ["app", "--api-key=PLANT"], ["java", "-Ddd.api.key=PLANT", "-jar", "a.jar"],
      ["java", "-Ddb.password=two PLANT words"], ["mysql", "-u", "root", "-p", "PLANT"], ["redis-cli", "-a", "PLANT"],
      ["curl", "-u", "user:PLANT", "http://h"], ["curl", "-H", "X-Thing: PLANT", "h"],
      ["env", "SECRET=PLANT", "python"],
      ["app", "postgres://u:PLANT@db/x"], ["sh", "-c", "TOKEN=PLANT exec python app.py"],
      ["app", "--password", "-PLANT"], ["app", "--header", "PLANT"], ["mysql", "-uroot", "-pPLANT"],
      ["sudo", "/usr/bin/mariadb-dump", "-pPLANT", "shop"], ["sshpass", "-pPLANT", "ssh", "h"],
      ["sh", "-c", "curl -u user:PLANT http://h"], ["sh", "-c", "app --password  PLANT"], ["app", "--api-ky", "PLANT"],
    ], plants) func `a planted secret is gone from command lines`(arguments: [String], plant: String)
  {
    let planted = arguments.map {
      $0.split(separator: "PLANT", omittingEmptySubsequences: false).joined(separator: plant)
    }
    let scrubbed = Scrubber.commandLine(planted)
    #expect(!scrubbed.joined(separator: " ").contains(plant), "\(scrubbed)")
    #expect(scrubbed.count == arguments.count)
    #expect(scrubbed.first == arguments.first)
  }

  @Test(
    arguments: [
      ("celery worker --token PLANT", "celery worker --token …"), ("app --password  'PLANT'", "app --password  …"),
      ("mysqld: -pPLANT x", "mysqld: -p… x"), ("postgres: PASSWORD=PLANT idle", "postgres: PASSWORD=… idle"),
      ("/opt/my app/x -u bob:PLANT", "/opt/my app/x -u …"),
    ]) func `a title in one argument is read word by word`(title: String, scrubbed: String)
  {
    #expect(Scrubber.commandLine([title.replacing("PLANT", with: "hunter2secret")]) == [scrubbed])
    #expect(Scrubber.commandLine([title.replacing("PLANT", with: "hunter2secret"), ""]) == [scrubbed, ""])
  }

  @Test(
    arguments: [
      ["nginx: worker process"], ["/Applications/Some App/run", "-v"], ["postgres: writer process   "],
      ["uwsgi", "--http", ":8000", "--enable-threads", "--lazy-apps"],
      ["gunicorn", "-p", "8000", "--preload", "app:app"], ["ddtrace-run", "python", "app.py"],
      ["java", "-javaagent:/opt/dd-java-agent.jar", "-Ddd.service=shop", "-Ddd.agent.host=agent"], [],
    ]) func `command lines without secrets are left alone`(arguments: [String])
  {
    #expect(Scrubber.commandLine(arguments) == arguments)
  }

  @Test func `a long line takes time in proportion to its length`() {
    // Quadratic ways would not end within a test run.
    for part in [
      "Cookie: \"a\";", "key=))", "key: ),a", "-----BEGIN KEY-----", "-----BEGIN ", "hooks.slack.com/", "token \"",
      "a:", "://@", "key=", "\"", "@", "Bearer ", "[", "\\", "key=[", "--key ", "mysql -p", "key=(\"", "ky=",
    ] {
      let line = String(repeating: part, count: 50_000)
      #expect(!Scrubber.scrub(line + " password=hunter2").contains("hunter2"), "behind \(part)")
    }
  }
}
