/// What the plans of MySQL (`EXPLAIN FORMAT=JSON`) and PostgreSQL (`EXPLAIN (FORMAT JSON)`) say of a query's form rather
/// than of its data. The lists are those of the Datadog agent.
enum SQLPlanKeys {
  /// The options with the lists for plans added.
  /// - Parameter isNormalized: estimates of costs and rows, which differ from day to day, are hidden, too.
  static func completed(_ options: JSONBodyOptions, isNormalized: Bool) -> JSONBodyOptions {
    var options = options
    options.sqlKeys.formUnion(keys(conditions))
    options.keptKeys.formUnion(keys(mySQLForm))
    options.keptKeys.formUnion(keys(postgreSQLForm))
    if !isNormalized { options.keptKeys.formUnion(keys(estimates)) }
    return options
  }

  /// One key a line or between commas.
  private static func keys(_ list: String) -> [String] {
    list.split { $0 == "," || $0 == "\n" }.map { String($0.drop { $0 == " " }) }.filter { !$0.isEmpty }
  }

  /// Keys whose texts are conditions or expressions of SQL.
  private static let conditions = """
    attached_condition
    Cache Key, Conflict Filter, Function Call, Filter, Hash Cond, Index Cond, Join Filter, Merge Cond, Output,
    Recheck Cond, Repeatable Seed, Sampling Parameters, TID Cond
    """

  private static let mySQLForm = """
    access_type, backward_index_scan, cacheable, delete, dependent, first_match, key, key_length, possible_keys, ref,
    select_id, table_name, update, used_columns, used_key_parts, using_MRR, using_filesort, using_index,
    using_join_buffer, using_temporary_table
    """

  private static let postgreSQLForm = """
    Actual Loops, Actual Rows, Actual Startup Time, Actual Total Time, Alias, Async Capable, Average Sort Space Used,
    Cache Evictions, Cache Hits, Cache Misses, Cache Overflows, Calls, Command, Conflict Arbiter Indexes,
    Conflict Resolution, Conflicting Tuples, Constraint Name, CTE Name, Custom Plan Provider, Deforming, Emission,
    Exact Heap Blocks, Execution Time, Expressions, Foreign Delete, Foreign Insert, Foreign Update, Full-sort Group,
    Functions, Generation, Group Count, Grouping Sets, Group Key, HashAgg Batches, Hash Batches, Hash Buckets,
    Heap Fetches, I/O Read Time, I/O Write Time, Index Name, Inlining, Join Type, Local Dirtied Blocks,
    Local Hit Blocks, Local Read Blocks, Local Written Blocks, Lossy Heap Blocks, Node Type, Optimization,
    Original Hash Batches, Original Hash Buckets, Parallel Aware, Parent Relationship, Partial Mode,
    Peak Memory Usage, Peak Sort Space Used, Planned Partitions, Planning Time, Pre-sorted Groups, Presorted Key,
    Query Identifier, Relation Name, Rows Removed by Conflict Filter, Rows Removed by Filter,
    Rows Removed by Index Recheck, Rows Removed by Join Filter, Sampling Method, Scan Direction, Schema, Settings,
    Shared Dirtied Blocks, Shared Hit Blocks, Shared Read Blocks, Shared Written Blocks, Single Copy, Sort Key,
    Sort Method, Sort Methods Used, Sort Space Type, Sort Space Used, Strategy, Subplan Name, Subplans Removed,
    Target Tables, Temp Read Blocks, Temp Written Blocks, Time, Timing, Total, Trigger, Trigger Name, Triggers,
    Tuples Inserted, Tuplestore Name, WAL Bytes, WAL FPI, WAL Records, Worker, Worker Number, Workers,
    Workers Launched, Workers Planned
    """

  private static let estimates = """
    cost_info, filtered, rows_examined_per_join, rows_examined_per_scan, rows_produced_per_join
    Plan Rows, Plan Width, Startup Cost, Total Cost
    """
}
