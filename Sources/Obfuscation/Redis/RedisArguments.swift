/// Which arguments of a Redis command hold data of the application, by the command's name.
enum RedisArguments {
  case none
  /// One `?` for all of them.
  case all
  /// One `?` for all behind the first.
  case allBehindFirst
  /// The one with this index, and all behind it but options.
  case one(Int, RedisOptions = .none)
  /// Every `step`th from the index `first` on.
  case every(first: Int, step: Int)
  /// All behind the parameter's name in `CONFIG SET parameter value …`.
  case configuration
  /// The value of each `SET type offset value`.
  case bitField
  /// Each member, behind its `numbers` and the flags before all: `ZADD key [NX|XX] [GT|LT] [CH] [INCR] score member …`.
  case members(numbers: Int)

  /// - Parameter command: in either case, perhaps in quotes. One that is not listed keeps its arguments.
  init(command: TextBytes) {
    let name = RedisCommandName.unquoted(command)
    // Of a name with blanks in quotes, such as `"CONFIG SET"`, nobody knows which arguments stand in it.
    let isSeveral = name.firstIndex(of: 0x20) != nil
    self = isSeveral ? .all : Self.table.first { name.spells($0.name) }?.arguments ?? .none
  }

  /// Whether none is hidden, whatever they are.
  var areKept: Bool { if case .none = self { true } else { false } }

  private static let table: [(name: StaticString, arguments: RedisArguments)] = [
    ("GET", .none), ("SET", .one(1, .expiration)), ("HSET", .every(first: 2, step: 2)),
    ("HMSET", .every(first: 2, step: 2)),
    ("AUTH", .all), ("MIGRATE", .all), ("HELLO", .all),
    ("ACL", .allBehindFirst), ("GEOHASH", .allBehindFirst), ("GEOPOS", .allBehindFirst), ("GEODIST", .allBehindFirst),
    ("LPUSH", .allBehindFirst), ("RPUSH", .allBehindFirst), ("SREM", .allBehindFirst), ("ZREM", .allBehindFirst),
    ("SADD", .allBehindFirst),
    ("APPEND", .one(1)), ("GETSET", .one(1)), ("LPUSHX", .one(1)), ("GEORADIUSBYMEMBER", .one(1, .area)),
    ("RPUSHX", .one(1)),
    ("SETNX", .one(1)), ("SISMEMBER", .one(1)), ("ZRANK", .one(1)), ("ZREVRANK", .one(1)), ("ZSCORE", .one(1)),
    ("HSETNX", .one(2)), ("LREM", .one(2)), ("LSET", .one(2)), ("SETBIT", .one(2)), ("SETEX", .one(2)),
    ("PSETEX", .one(2)), ("SETRANGE", .one(2)), ("ZINCRBY", .one(2)), ("SMOVE", .one(2)),
    ("RESTORE", .one(2, .replacement)),
    ("LINSERT", .one(3)),
    ("GEOADD", .members(numbers: 2)),
    ("MSET", .every(first: 1, step: 2)), ("MSETNX", .every(first: 1, step: 2)),
    ("CONFIG", .configuration), ("BITFIELD", .bitField), ("ZADD", .members(numbers: 1)),
  ]
}
