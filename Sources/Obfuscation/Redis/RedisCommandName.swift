/// The names of the commands of Redis and Valkey, by which a further command is told from a further line of a value.
enum RedisCommandName {
  /// Whether a line that begins with `word` is a command, where the one before it holds data of the application.
  ///
  /// Clients write the names of all their commands in the same way, so behind one in capitals `get` is a word of a text.
  /// - Parameter before: the command before.
  static func begins(with word: TextBytes, behind before: TextBytes) -> Bool {
    let name = unquoted(word)
    guard name.count <= lengthMax, name.count > 1, !isInCapitals(unquoted(before)) || isInCapitals(name) else {
      return false
    }
    return names.contains { name.spells($0) } || isOfModule(name)
  }

  /// Whether a line begins with the name of a command and has as many words as that takes.
  static func mayBeCommand(_ line: TextBytes) -> Bool {
    var end = 0
    while end < line.count, !CharacterClass.isASCIISpace(line[end]) { end += 1 }
    let name = unquoted(line.part(0, end))
    guard name.count <= lengthMax, names.contains(where: { name.spells($0) }) || isOfModule(name) else { return false }
    guard let arity = arities.first(where: { name.spells($0.name) }) else { return true }
    var tokens = RedisTokenizer(line, lines: .first)
    var words = 0
    while words <= arity.words.upperBound, tokens.next() != nil { words += 1 }
    return arity.words.contains(words)
  }

  /// How many words make up commands whose names texts may begin with.
  private static let arities: [(name: StaticString, words: ClosedRange<Int>)] = [
    ("COPY", 3...6), ("DUMP", 2...2), ("ECHO", 2...2), ("EXPIRE", 3...4), ("GET", 2...2), ("INFO", 1...3),
    ("KEYS", 2...2),
    ("MONITOR", 1...1), ("MOVE", 3...3), ("PERSIST", 2...2), ("PING", 1...2), ("QUIT", 1...1), ("RENAME", 3...3),
    ("RESET", 1...1), ("ROLE", 1...1), ("SAVE", 1...1), ("SELECT", 2...2), ("SYNC", 1...1), ("TIME", 1...1),
    ("TYPE", 2...2), ("WAIT", 3...3),
  ]

  /// Whether a word may be the key of a value or the field of a hash, rather than a word of a text.
  static func mayBeKey(_ word: TextBytes) -> Bool {
    let name = unquoted(word)
    guard !name.isEmpty, (0..<name.count).allSatisfy({ isOfKey(name[$0]) }) else { return false }
    // Of a word with a capital and small letters behind it, as names of people and what begins a sentence have it.
    let isText =
      name.count > 1 && name[0] &- 0x41 < 26
      && (1..<name.count).allSatisfy { name[$0] &- 0x61 < 26 }
    return !isText && name[name.count - 1] != UInt8(ascii: ".") && name[name.count - 1] != UInt8(ascii: ":")
  }

  private static func isOfKey(_ byte: UInt8) -> Bool {
    if CharacterClass.isASCIILetter(byte) || CharacterClass.isDigit(byte) { return true }
    switch byte {
    case UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: ":"), UInt8(ascii: "/"), UInt8(ascii: "{"),
      UInt8(ascii: "}"), UInt8(ascii: "["), UInt8(ascii: "]"), UInt8(ascii: "|"), UInt8(ascii: "#"), UInt8(ascii: "@"),
      UInt8(ascii: "$"), UInt8(ascii: "*"):
      return true
    default: return false
    }
  }

  /// A name without the quotes that some tracers put around each word.
  static func unquoted(_ word: TextBytes) -> TextBytes {
    let start = isQuote(word[0]) ? 1 : 0
    let end = isQuote(word[word.count - 1]) ? word.count - 1 : word.count
    return word.part(start, end)
  }

  static func isQuote(_ byte: UInt8) -> Bool { byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "'") }

  /// Whether none of its letters is a small one.
  static func isInCapitals(_ word: TextBytes) -> Bool {
    (0..<word.count).allSatisfy { word[$0] &- 0x61 >= 26 }
  }

  /// Whether it is a command of a module: `JSON.SET`.
  private static func isOfModule(_ name: TextBytes) -> Bool {
    guard let dot = name.firstIndex(of: UInt8(ascii: ".")), dot + 1 < name.count else { return false }
    return modules.contains { name.part(0, dot).spells($0) }
      && (dot + 1..<name.count).allSatisfy { CharacterClass.isASCIILetter(name[$0]) }
  }

  private static let lengthMax = 24

  private static let modules: [StaticString] = ["JSON", "FT", "TS", "BF", "CF", "CMS", "TOPK", "TDIGEST"]

  /// By the list of commands of Redis 8 and Valkey 8.
  private static let names: [StaticString] = [
    "ACL", "APPEND", "ASKING", "AUTH", "BGREWRITEAOF", "BGSAVE", "BITCOUNT", "BITFIELD", "BITFIELD_RO", "BITOP",
    "BITPOS", "BLMOVE", "BLMPOP", "BLPOP", "BRPOP", "BRPOPLPUSH", "BZMPOP", "BZPOPMAX", "BZPOPMIN", "CLIENT",
    "CLUSTER", "COMMAND", "CONFIG", "COPY", "DBSIZE", "DEBUG", "DECR", "DECRBY", "DEL", "DELIFEQ", "DISCARD",
    "DUMP", "ECHO", "EVAL", "EVALSHA", "EVALSHA_RO", "EVAL_RO", "EXEC", "EXISTS", "EXPIRE", "EXPIREAT",
    "EXPIRETIME", "FAILOVER", "FCALL", "FCALL_RO", "FLUSHALL", "FLUSHDB", "FUNCTION", "GEOADD", "GEODIST",
    "GEOHASH", "GEOPOS", "GEORADIUS", "GEORADIUSBYMEMBER", "GEORADIUSBYMEMBER_RO", "GEORADIUS_RO", "GEOSEARCH",
    "GEOSEARCHSTORE", "GET", "GETBIT", "GETDEL", "GETEX", "GETRANGE", "GETSET", "HDEL", "HELLO", "HEXISTS",
    "HEXPIRE", "HEXPIREAT", "HEXPIRETIME", "HGET", "HGETALL", "HGETDEL", "HGETEX", "HINCRBY", "HINCRBYFLOAT",
    "HKEYS", "HLEN", "HMGET", "HMSET", "HPERSIST", "HPEXPIRE", "HPEXPIREAT", "HPEXPIRETIME", "HPTTL",
    "HRANDFIELD", "HSCAN", "HSET", "HSETEX", "HSETNX", "HSTRLEN", "HTTL", "HVALS", "INCR", "INCRBY",
    "INCRBYFLOAT", "INFO", "KEYS", "LASTSAVE", "LATENCY", "LCS", "LINDEX", "LINSERT", "LLEN", "LMOVE", "LMPOP",
    "LOLWUT", "LPOP", "LPOS", "LPUSH", "LPUSHX", "LRANGE", "LREM", "LSET", "LTRIM", "MEMORY", "MGET", "MIGRATE",
    "MODULE", "MONITOR", "MOVE", "MSET", "MSETNX", "MULTI", "OBJECT", "PERSIST", "PEXPIRE", "PEXPIREAT",
    "PEXPIRETIME", "PFADD", "PFCOUNT", "PFDEBUG", "PFMERGE", "PING", "PSETEX", "PSUBSCRIBE", "PSYNC", "PTTL",
    "PUBLISH", "PUBSUB", "PUNSUBSCRIBE", "QUIT", "RANDOMKEY", "READONLY", "READWRITE", "RENAME", "RENAMENX",
    "REPLCONF", "REPLICAOF", "RESET", "RESTORE", "ROLE", "RPOP", "RPOPLPUSH", "RPUSH", "RPUSHX", "SADD", "SAVE",
    "SCAN", "SCARD", "SCRIPT", "SDIFF", "SDIFFSTORE", "SELECT", "SET", "SETBIT", "SETEX", "SETNX", "SETRANGE",
    "SHUTDOWN", "SINTER", "SINTERCARD", "SINTERSTORE", "SISMEMBER", "SLAVEOF", "SLOWLOG", "SMEMBERS",
    "SMISMEMBER", "SMOVE", "SORT", "SORT_RO", "SPOP", "SPUBLISH", "SRANDMEMBER", "SREM", "SSCAN", "SSUBSCRIBE",
    "STRLEN", "SUBSCRIBE", "SUBSTR", "SUNION", "SUNIONSTORE", "SUNSUBSCRIBE", "SWAPDB", "SYNC", "TIME", "TOUCH",
    "TTL", "TYPE", "UNLINK", "UNSUBSCRIBE", "UNWATCH", "VADD", "VCARD", "VDIM", "VEMB", "VGETATTR", "VINFO",
    "VISMEMBER", "VLINKS", "VRANDMEMBER", "VREM", "VSETATTR", "VSIM", "WAIT", "WAITAOF", "WATCH", "XACK",
    "XACKDEL", "XADD", "XAUTOCLAIM", "XCLAIM", "XDEL", "XDELEX", "XGROUP", "XINFO", "XLEN", "XPENDING",
    "XRANGE", "XREAD", "XREADGROUP", "XREVRANGE", "XSETID", "XTRIM", "ZADD", "ZCARD", "ZCOUNT", "ZDIFF",
    "ZDIFFSTORE", "ZINCRBY", "ZINTER", "ZINTERCARD", "ZINTERSTORE", "ZLEXCOUNT", "ZMPOP", "ZMSCORE", "ZPOPMAX",
    "ZPOPMIN", "ZRANDMEMBER", "ZRANGE", "ZRANGEBYLEX", "ZRANGEBYSCORE", "ZRANGESTORE", "ZRANK", "ZREM",
    "ZREMRANGEBYLEX", "ZREMRANGEBYRANK", "ZREMRANGEBYSCORE", "ZREVRANGE", "ZREVRANGEBYLEX", "ZREVRANGEBYSCORE",
    "ZREVRANK", "ZSCAN", "ZSCORE", "ZUNION", "ZUNIONSTORE",
  ]
}
