extension OptionTable {
  /// Who the agent is and where it belongs.
  static let general: [ConfigurationOption] = [
    ConfigurationOption(
      "api_key", .general, .apiKey(\.apiKey), variables: ["DD_API_KEY"], olderKeys: ["apm_config.api_key"],
      summary: "Datadog API key; without one nothing is forwarded",
      meaning: """
        Without a key the agent forwards nothing and says so once; everything local works all the same. White space \
        and quotes around the key are stripped. The key is shown nowhere but for its last four characters, and there \
        is no flag for it because other users of a machine can read command lines.
        """),
    ConfigurationOption(
      "site", .general, .site(\.site), variables: ["DD_SITE"], flag: ("--site", "DOMAIN"),
      summary: "Datadog site that the account is on",
      meaning: """
        The bare domain, such as `datadoghq.eu` or `us3.datadoghq.com`, without `https://`. It decides the intake \
        address unless `apm_config.apm_dd_url` does. A key used on the wrong site is answered with 403.
        """),
    ConfigurationOption(
      "hostname", .general, .optionalText(\.hostname), variables: ["DD_HOSTNAME"],
      defaultNote: """
        the first line of `hostname_file`, else `kubernetes_kubelet_nodename`, else the machine's own name (see \
        `hostname_fqdn`)
        """,
      summary: "host name reported with traces and statistics",
      meaning: """
        Set it when the machine's own name says nothing, as in most containers: an agent that forwards logs a warning \
        there. No cloud, no orchestrator and no container runtime is asked for the name. In tasks and pods on Fargate \
        no name is reported, because there is no host.
        """),
    ConfigurationOption(
      "hostname_file", .general, .optionalText(\.hostnameFile), variables: ["DD_HOSTNAME_FILE"],
      summary: "file whose first line is the host name",
      meaning: """
        Read once, at the start; blanks around the name are removed. `hostname` wins over it. A file that cannot be read \
        or holds no name is logged, and the machine's own name is used.
        """),
    ConfigurationOption(
      "hostname_fqdn", .general, .boolean(\.usesFullHostname), variables: ["DD_HOSTNAME_FQDN"],
      summary: "report the host's full name, domain included",
      meaning: """
        Where neither `hostname` nor `hostname_file` gives the name: `web-3.example.com` in place of `web-3`, as \
        `hostname -f` says it. Looked up once, at the start, for 2 seconds at most; when nothing is found the machine's \
        own name is used, and that is logged.
        """),
    ConfigurationOption(
      "apm_config.env", .general, .text(\.defaultEnv),
      sources: [.variable("DD_APM_ENV"), .key("apm_config.env"), .variable("DD_ENV"), .key("env")],
      flag: ("--env", "NAME"), defaultNote: "the `env:` tag of `tags` or `extra_tags`, else `none`",
      summary: "environment of spans that name none",
      meaning: """
        Spans whose tracer sets no `env` are counted under this one. The order is that of the Datadog trace-agent: \
        `apm_config.env` in the file is more particular than `DD_ENV` and wins over it.
        """),
    ConfigurationOption(
      "tags", .general, .list(\.hostTags, .spaces), variables: ["DD_TAGS"],
      summary: "tags of this machine",
      meaning: """
        A list of `key:value`. They go with every payload of traces and with all statistics, and `roost traces` finds \
        every trace of the machine by one of them. Values of a key that stands twice are joined by a comma there. An \
        `env:` among them is the default environment when nothing else names one.
        """),
    ConfigurationOption(
      "extra_tags", .general, .list(\.extraHostTags, .spaces), variables: ["DD_EXTRA_TAGS"],
      summary: "more tags of this machine",
      meaning: "Used as `tags` are: one list may come from whoever makes the machine, the other from its owner."),
    ConfigurationOption(
      "kubernetes_kubelet_nodename", .general, .optionalText(\.kubernetesNodeName),
      variables: ["DD_KUBERNETES_KUBELET_NODENAME"],
      summary: "name of the Kubernetes node that the agent runs on",
      meaning: """
        The host name where neither `hostname` nor `hostname_file` gives one. Datadog's Helm chart sets the variable from \
        the node that the pod is on.
        """),
    ConfigurationOption(
      "eks_fargate", .general, .boolean(\.isOnFargate), variables: ["DD_EKS_FARGATE"],
      summary: "true: the agent runs in a pod on AWS Fargate",
      meaning: """
        No host name is reported then unless `hostname` or `hostname_file` gives one. In tasks of ECS, `ECS_FARGATE` or \
        `AWS_EXECUTION_ENV=AWS_ECS_FARGATE` say the same.
        """),
    ConfigurationOption(
      "container_proc_root", .general, .text(\.containerProcRoot), variables: ["DD_CONTAINER_PROC_ROOT"],
      summary: "folder where the kernel lists processes",
      meaning: """
        Read for the control groups of clients of the unix socket that do not name their container. The system \
        numbers these as the agent sees them, so that in a container its own `/proc` is the right one unless it has \
        the machine's process namespace.
        """),
    ConfigurationOption(
      "container_cgroup_root", .general, .text(\.containerGroupRoot), variables: ["DD_CONTAINER_CGROUP_ROOT"],
      summary: "folder where control groups are mounted",
      meaning: """
        Walked for the control group that a client names by its inode, as tracers do whose container hides its id. \
        An agent in a container needs the machine's own folder for this, mounted as `/host/sys/fs/cgroup` for \
        example.
        """),
    ConfigurationOption(
      "apm_config.install_id", .general, .optionalText(\.installID), variables: ["DD_INSTRUMENTATION_INSTALL_ID"],
      summary: "id of the installation of tracing",
      meaning: """
        Datadog's installers set it. The root of the first trace of each service that is kept then carries the tags \
        `_dd.install.id`, `_dd.install.type` and `_dd.install.time`, unless its tracer set them.
        """),
    ConfigurationOption(
      "apm_config.install_type", .general, .optionalText(\.installType),
      variables: ["DD_INSTRUMENTATION_INSTALL_TYPE"],
      summary: "kind of the installation of tracing", meaning: "Goes with `apm_config.install_id`."),
    ConfigurationOption(
      "apm_config.install_time", .general, .integer(\.installTime, 0...Int.max),
      variables: ["DD_INSTRUMENTATION_INSTALL_TIME"],
      summary: "time of the installation of tracing, in seconds since 1970",
      meaning: "Goes with `apm_config.install_id`."),
    ConfigurationOption(
      "apm_config.enabled", .general, .boolean(\.apmEnabled), variables: ["DD_APM_ENABLED"],
      summary: "false: start nothing and end",
      meaning: "With `false` the agent says that it is disabled and ends with code 0, so that a supervisor is content."),
    ConfigurationOption(
      "apm_config.features", .general, .set(\.features, .commas), variables: ["DD_APM_FEATURES"],
      summary: "feature flags by name",
      meaning: """
        Switches of the Datadog trace-agent, such as `429`, which answers that status when the agent is busy instead \
        of 200. Names that roost does not know are kept and reported by `/info`, and do nothing.
        """),
  ]
}
