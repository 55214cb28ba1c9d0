import Testing

@testable import Obfuscation

@Suite struct `Commands and URLs` {
  /// Tracers join the arguments of a command without quotes, so that a value may look like several.
  @Test(arguments: [
    ("SET user:1 John Smith", "SET user:1 ?"), ("SET k John NX Smith", "SET k ?"), ("SET k John 42", "SET k ?"),
    ("SET k v EX 60 NX", "SET k ? EX 60 NX"), ("SET k a b px 1000 get", "SET k ? px 1000 get"),
    (
      "SET key value [expiration EX seconds|PX milliseconds] [NX|XX]",
      "SET key ? [expiration EX seconds|PX milliseconds] [NX|XX]"
    ),
    ("SET k [1, 2]", "SET k ?"), ("SET k v\r\nGET k\r\n", "SET k ?\nGET k"),
    ("SETEX k 60 John Smith", "SETEX k 60 ?"), ("APPEND k John Smith", "APPEND k ?"),
    ("LINSERT k BEFORE p John Smith", "LINSERT k BEFORE p ?"), ("RESTORE k 0 a b REPLACE", "RESTORE k 0 ? REPLACE"),
    ("GEORADIUSBYMEMBER k Palermo City 100 km WITHDIST COUNT 3", "GEORADIUSBYMEMBER k ? 100 km WITHDIST COUNT 3"),
    ("GEORADIUSBYMEMBER k John 100 km STORE Smith", "GEORADIUSBYMEMBER k ?"),
    ("HSET user:1 name John Smith age 5", "HSET user:1 name ?"),
    ("HSET user:1 name John age 5", "HSET user:1 name ? age ?"),
    ("MSET a John b Jane Smith", "MSET a ?"), ("GEOADD k 1 2 Palermo 3 4 John Smith", "GEOADD k 1 2 ?"),
    ("ZADD k NX 1 John Smith", "ZADD k NX 1 ?"), ("CONFIG SET a John Smith", "CONFIG SET a ?"),
    ("ZADD k 1 John Q Smith", "ZADD k 1 ? ?"), ("ZADD k 1.5e3 a -2 b", "ZADD k 1.5e3 ? -2 ?"),
    ("ZADD k secret 1", "ZADD k ?"), ("GEOADD k NX CH 13.3 38.1 Palermo", "GEOADD k NX CH 13.3 38.1 ?"),
    ("GEOADD k 1 2 my secret place 3", "GEOADD k 1 2 ? ?"),
    ("CONFIG SET requirepass my secret pw", "CONFIG SET requirepass ?"), ("CONFIG SET a 1 b 2", "CONFIG SET a ?"),
    // More than one blank, or the end of a line, stands within a value.
    ("HSET u a  b secret c  d pw", "HSET u a ?"), ("SET  secret", "SET ?"), ("HSET u f a\nsecret pw", "HSET u f ?"),
    ("SET session:1 {\"a\":1,\n \"password\":\"x\"}", "SET session:1 ?"), ("SET k line1\nhunter2 secret", "SET k ?"),
    ("SET k v EX 60\nhunter2", "SET k ?"), ("SET k a\nget the secret\nGET b", "SET k ?\nGET ?"),
    ("SET k a\n\"secret\nGET b\" c", "SET k ?"), ("set k a\nJSON.get b", "set k ?\nJSON.get b"),
    ("HSET u f a\r\nsecret\r\nEXPIRE u 5", "HSET u f ?\nEXPIRE ?"),
    ("CONFIG SET requirepass a\nsecret", "CONFIG SET requirepass ?"), ("LPUSH l a\nsecret", "LPUSH l ?"),
    ("EVAL return\n1", "EVAL return\n1"),
    // Some tracers put each word in quotes.
    ("\"AUTH\" \"pw\"", "\"AUTH\" ?"), ("'SET' 'k' 'v'", "'SET' 'k' ?"),
    ("\"CONFIG SET\" \"a\" \"pw\"", "\"CONFIG SET\" ?"),
    ("\"CONFIG\" \"SET\" \"a\" \"pw\"", "\"CONFIG\" \"SET\" \"a\" ?"),
    ("\"SET\" k v\n\"AUTH\" pw", "\"SET\" k ?\n\"AUTH\" ?"),
    // What is not listed keeps its arguments.
    ("GETRANGE k 0 5", "GETRANGE k 0 5"), ("HGET h John", "HGET h John"),
  ])
  func `hide values with blanks in them as a whole`(commands: String, expected: String) {
    #expect(TextObfuscator().commands(commands) == expected)
  }

  /// What tracers say of the number of words and commands tells values from keys, and lines of values from commands.
  private static let counted: [(commands: String, size: CommandSize, expected: String)] = [
    ("HSET u bio my secret plan", .words(4), "HSET u bio ?"),
    ("HSET u a 1 b 2", .words(6), "HSET u a ? b ?"), ("HSET u a 1 b 2", .words(5), "HSET u a ? b ?"),
    ("HMSET u Name 1 Ort 2", .words(6), "HMSET u Name ? Ort ?"), ("HMSET u Name 1 Ort 2", .words(5), "HMSET u Name ?"),
    ("MSET a the secret one b 2", .words(5), "MSET a ?"), ("MSETNX a 1 b 2 c 3", .words(7), "MSETNX a ? b ? c ?"),
    ("MSET a 1 b sec...", .words(9), "MSET a ?"), ("ZADD z 1 a 2 b", .words(6), "ZADD z 1 ? 2 ?"),
    ("ZADD z 1 a 2 secret", .words(4), "ZADD z 1 ?"), ("GEOADD k 1 2 my 3 4 secret", .words(5), "GEOADD k 1 2 ?"),
    ("SET k a\nGET secret", .words(3), "SET k ?"), ("SET k a\nSET secret b", .words(3), "SET k ?"),
    ("EVAL return\n1", .words(2), "EVAL return\n1"),
    ("SET k a\nGET b", .commands(2), "SET k ?\nGET b"), ("SET k a\nFOO b", .commands(2), "SET k ?\nFOO b"),
    ("SET k a\nsecret\nGET b", .commands(2), "SET k ?\nGET b"),
    ("SET k a\nGET secret\nGET b", .commands(2), "SET k ?\nGET ?\nGET ?"),
    ("GET a\nSET k a\nHSET secret f g", .commands(2), "GET a\nSET k ?\nHSET ?"),
    ("HSET u bio John Q Public Smith", .unknown, "HSET u bio ?"), ("MSET a I, b c", .unknown, "MSET a ? b ?"),
    ("MSET a I think, b", .unknown, "MSET a ?"), ("HSET u text so it is. Then", .unknown, "HSET u text ?"),
    ("HSET user:1 firstName John lastName Smith", .unknown, "HSET user:1 firstName ? lastName ?"),
    ("MSET {u}:1 a {u}:2 b", .unknown, "MSET {u}:1 ? {u}:2 ?"),
    ("SET k a\nGET the secret", .unknown, "SET k ?\nGET ?"), ("SET k a\nx\nSET secret b", .unknown, "SET k ?\nSET ?"),
  ]

  @Test(arguments: counted)
  func `are told from further ones by what the tracer counted`(commands: String, size: CommandSize, expected: String) {
    #expect(TextObfuscator().commands(commands, of: .redis, size) == expected)
  }

  @Test(arguments: [
    ("set k 0 60 5\nsecret", "set k 0 60 5"), ("set k 0 60 5\rsecret", "set k 0 60 5"),
    ("set k secret", "set k ?"), ("SET k 42", "SET k ?"), ("add k secret 0 60 5", "add k ?"),
    ("cas k 0 60 5 7", "cas k 0 60 5 7"),
    ("cas k 0 60 5", "cas k ?"), ("set k 0 -1 5 noreply\r\nget secret\r\n", "set k 0 -1 5 noreply"),
    ("get a b c", "get a b c"), ("set k", "set k"), ("ms k S6\r\nsecret", "ms k S6"), ("", ""),
  ])
  func `of Memcached keep no value, in the next line or behind the key`(command: String, expected: String) {
    var options = ObfuscationOptions()
    options.memcachedKeepsCommand = true
    #expect(TextObfuscator(options).memcached(command) == expected)
  }

  @Test(arguments: [
    ("SET\tuser:1 John", "SET"), ("SET user\r\nGET k\r\n", "SET GET"), ("config\tset maxmemory", "CONFIG SET"),
    ("SET k line1\nhunter2 x\nGET k", "SET GET"), ("SET k a\nconfig hunter2\nCONFIG hunter2", "SET CONFIG"),
    ("SET k a\nCONFIG SECRET\nCLIENT SETNAME", "SET CONFIG CLIENT SETNAME ..."),
    ("set k a\nconfig get b", "SET CONFIG GET"), ("FOO a\nbar b", "FOO"),
    ("\tSET k\u{0B}v", "SET"), ("PING\r\nPING\rx\nPING", "PING PING PING ..."),
  ])
  func `are named without arguments, whatever the blanks between them`(commands: String, expected: String) {
    #expect(TextObfuscator().commandNames(commands) == expected)
  }

  @Test(arguments: [
    ("http://user:pa/ss@host/x", "http://host/x"), ("http://user:pa?ss@host/x", "http://host/x"),
    ("http://user:pa#ss@host/x", "http://host/x"), ("http://us er:pass@host/x", "http://host/x"),
    ("user:pass@host:80/x?q=a@b", "user:host:80/x?q=a@b"), ("http://h:port/x", "http://h:port/x"),
    ("mailto:user:pass@host", "mailto:host"), ("jdbc:mysql://user:pa/ss@host/db?a=b", "jdbc:mysql://host/db?a=b"),
    ("mongodb:user:pass@host", "mongodb:host"),
    ("http://proxy/http://user:pass@host/x", "http://proxy/http://host/x"),
    ("http://h/?next=//user:pass@host/&x=//user@host2?c", "http://h/?next=//host/&x=//host2?c"),
    ("http://h/?next=http%3A%2F%2Fuser%3Apass%40host%2F", "http://h/?next=http%3A%2F%2Fhost%2F"),
    ("http://h/?next=http%3a%2f%2fuser:pass@host", "http://h/?next=http%3a%2f%2fhost"),
    ("http://h/#//user:pass@host", "http://h/#//host"),
    ("http:///user:pass@host/x", "http:///host/x"), ("http:////user:pass@host/x", "http:////host/x"),
    ("http:/user:pass@host/x", "http:/host/x"), ("http://proxy/http:/user:pass@host/x", "http://proxy/http:/host/x"),
    ("http://h/?next=https%253A%252F%252Fu%253Apass%2540h", "http://h/?next=https%253A%252F%252Fh"),
    ("http://h/?next=https%25253A%25252Fu:pass%252540h&q=100%25", "http://h/?next=https%25253A%25252Fh&q=100%25"),
    ("http://user:12/34@host/x", "http://host/x"), ("http://user:12#ss@host/", "http://host/"),
    ("http://user:12?ss@host/", "http://host/"), ("http://user:12/3#ss@host/", "http://host/"),
    ("//user:12/34@host/x", "//host/x"), ("http://h:80/@scope/p", "http://h:80/@scope/p"),
    ("http://h:80/users/a@b", "http://h:80/users/a@b"), ("http://h:80/?mail=a@b", "http://h:80/?mail=a@b"),
    ("http://[::1]:80/a@b", "http://[::1]:80/a@b"),
    ("http://h/a@b/@c?q=d@e", "http://h/a@b/@c?q=d@e"), ("http://h//@scope/p", "http://h//@scope/p"),
  ])
  func `hold no user and no password anywhere`(url: String, expected: String) {
    let obfuscator = TextObfuscator()
    #expect(obfuscator.url(url) == expected)
    #expect(obfuscator.url(expected) == expected)
  }
}
