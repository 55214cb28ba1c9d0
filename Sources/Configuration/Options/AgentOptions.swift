extension OptionTable {
  /// The agent's own process: log, probes, memory, control socket, page.
  static let agent: [ConfigurationOption] = [
    ConfigurationOption(
      "health_port", .agent, .integer(\.healthPort, 0...65_535), variables: ["DD_HEALTH_PORT"],
      summary: "port on all addresses where probes are answered; 0 is none",
      meaning: """
        As in the Datadog agent: 200 where all is well, else 500, and JSON with the names of the healthy and the unhealthy \
        parts. `/ready` and `/startup` ask whether traces are taken too, every other path whether the agent lives: its main \
        loop and the threads that receive gave a sign of life in the last 30 seconds. The port is opened when the agent \
        listens. When it is in use, as by the Datadog agent with the same file, the log says so and the agent goes on.
        """),
    ConfigurationOption(
      "use_dogstatsd", .agent, .optionalBoolean(\.usesDogStatsD), variables: ["DD_USE_DOGSTATSD"],
      defaultNote: "true where `dogstatsd_port` or `dogstatsd_socket` is set",
      summary: "send the agent's own metrics to a DogStatsD",
      meaning: """
        Every 10 s, under the names of the Datadog trace-agent (`datadog.trace_agent.receiver.traces_received` and so on; \
        docs/accounting.md has them all). Nothing is sent unless one of the three settings asks for it. \
        `roost info --prometheus` and `/metrics` of the page show the same numbers.
        """),
    ConfigurationOption(
      "dogstatsd_port", .agent, .optionalInteger(\.dogStatsDPort, 0...65535), variables: ["DD_DOGSTATSD_PORT"],
      defaultNote: "8125 with `use_dogstatsd`, else none",
      summary: "UDP port of a DogStatsD on this machine",
      meaning: "On `bind_host` where that is one address, else on 127.0.0.1. 0 is none."),
    ConfigurationOption(
      "dogstatsd_socket", .agent, .optionalText(\.dogStatsDSocket), variables: ["DD_DOGSTATSD_SOCKET"],
      defaultNote: "none",
      summary: "unix socket of a DogStatsD",
      meaning: "A datagram socket, as DogStatsD opens it; it wins over `dogstatsd_port`."),
    ConfigurationOption(
      "apm_config.control_socket", .agent, .optionalText(\.controlSocket), variables: ["ROOST_CONTROL_SOCKET"],
      flag: ("--control-socket", "PATH"),
      defaultNote:
        "`$XDG_RUNTIME_DIR/roost/PORT.sock`, for root `/run/roost/PORT.sock`, else `/tmp/roost-UID/PORT.sock`",
      isOwn: true,
      summary: "socket that the roost commands ask the agent over",
      meaning: """
        Only root and the user who runs the agent can open it, unless `local.control_group` is set. The commands find it from the same configuration, so agents on \
        different ports do not meet. At most 100 bytes long.
        """),
    ConfigurationOption(
      "local.control_group", .agent, .optionalText(\.controlGroup), variables: ["DD_LOCAL_CONTROL_GROUP"],
      defaultNote: "none", isOwn: true,
      summary: "group whose members may query the agent with the roost commands",
      meaning: """
        The control socket gets mode 0660 and this group, and its folder lets the group through where it is one of \
        roost's own. Every query only reads: tables, traces, counters and what clients do wrong, with \
        the payloads that could not be decoded (`local.keep_bad_payloads`). The agent's user has to be a member of the group. A group that the system does not know is reported in the log, and the agent goes on.
        """),
    ConfigurationOption(
      "local.db", .agent, .optionalText(\.storePath), variables: ["DD_LOCAL_DB"], flag: ("--db", "FILE"),
      defaultNote:
        "`$XDG_STATE_HOME/roost/roost.db`, for root `/var/lib/roost/roost.db`, else `~/.local/state/roost/roost.db`",
      isOwn: true,
      summary: "SQLite file that keeps traces, and statistics beyond an hour and a restart; :memory: or off",
      meaning: """
        Traces are kept as they would be forwarded, until `local.db_max` is reached. Of statistics, buckets of 10 s are kept \
        for an hour, minutes for a day, hours for a month, each with the sketches that give true percentiles for any part of \
        it. The folder is made where it is missing, and only the agent's user may read it. `:memory:` keeps both until the \
        agent ends, in 64 MB unless `local.db_max` says otherwise, and never in more than half of \
        `apm_config.max_memory`; so does an agent whose user has no home. An agent of `roost run` that is not told otherwise \
        has a file of its own, which the next run removes. `off` keeps no traces, and statistics for an hour. One agent \
        writes to a \
        file; the commands read it with `--db FILE` while no agent runs. When it cannot be opened, the log says why and the \
        agent keeps things in memory, in 64 MB at most. On macOS the file is `~/Library/Application Support/roost/roost.db`.
        """),
    ConfigurationOption(
      "local.db_max", .agent, .integer(\.storeBytesMax, 1_000_000...Int.max, .bytes), variables: ["DD_LOCAL_DB_MAX"],
      flag: ("--db-max", "SIZE"), isOwn: true,
      summary: "size past which the oldest hours leave that file",
      meaning: "Checked whenever something is written."),
    ConfigurationOption(
      "local.db_spans_per_second", .agent, .integer(\.storeSpansPerSecond, 0...1_000_000_000),
      variables: ["DD_LOCAL_DB_SPANS_PER_SECOND"], flag: ("--db-rate", "N"), isOwn: true,
      summary: "spans a second past which stored traces are thinned; 0 stores all",
      meaning: """
        Where more come, or more than 2 KiB for each of them, half of it is for a share of the traces, by their ids, and \
        half for what people look for: in each second a few traces of each resource, a few that failed, and what took \
        longer than anything of its resource before. No more than 8 MiB wait for the disk, also with 0: what comes while \
        they do is thinned in the same way. Statistics and what is forwarded are complete all the same. `roost info` \
        counts what was left out.
        """),
    ConfigurationOption(
      "local.keep_bad_payloads", .agent, .boolean(\.keepsBadPayloads), variables: ["DD_LOCAL_KEEP_BAD_PAYLOADS"],
      isOwn: true,
      summary: "keep payloads that cannot be decoded, for roost inspect",
      meaning: """
        The last 16, the first MiB of each and the bytes around the fault, 4 MiB together, in memory only: they are \
        written nowhere and gone with the agent. They are kept as they came, so nothing in them is obfuscated, and \
        whoever may query the agent can read them with `roost inspect`. `false` keeps only who sent them and what is \
        wrong.
        """),
    ConfigurationOption(
      "local.web", .agent, .page(\.page), variables: ["DD_LOCAL_WEB"], flag: ("--web", "ADDRESS"),
      isFlagValueOptional: true,
      defaultNote: "`false`, `true` under `roost run`", isOwn: true,
      summary: "page for a browser: true is 127.0.0.1:8127",
      meaning: """
        A page with services, traces and what is wrong with the set-up, and the same as JSON ([api.md](api.md)). A port \
        listens on 127.0.0.1, HOST:PORT where it says. Whoever reaches the address sees what the apps do, so leave it on \
        this machine unless the network is trusted. The page answers only to localhost and the host that is set, and not \
        to what pages of other sites ask for. When the address is in use, the log says so once and the agent goes on \
        without a page.
        """),
    ConfigurationOption(
      "apm_config.max_memory", .agent, .integer(\.maxMemoryBytes, 0...Int.max, .bytes),
      variables: ["DD_APM_MAX_MEMORY"],
      summary: "memory past which requests are refused; 0 is no limit",
      meaning: """
        The Datadog trace-agent ends itself past one and a half times this; roost refuses requests with 429 until it \
        is below again, and counts them.
        """),
  ]
}
