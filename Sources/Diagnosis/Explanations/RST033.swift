extension Explanation {
  static let rst033 = Explanation(
    id: "RST033", name: "The server's workers have no tracer thread",
    signs: [
      "no traces under uWSGI",
      "traces only from the first worker",
      "uwsgi --enable-threads is missing",
      "gunicorn --preload and no traces",
    ],
    text: """
      A tracer sends from a thread of its own. A server that loads the app before it forks its workers leaves them a \
      tracer whose thread stayed behind, unless the tracer starts it again. ddtrace does since 1.0, but for 3.19 to 4.14, \
      whose sender was a new one: under uWSGI with several processes or a master they send nothing from the workers, \
      unless the app is loaded there (`--lazy-apps`) and the tracer too (`--import=ddtrace.auto` instead of ddtrace-run). \
      gunicorn forks in a way that all releases since 1.0 notice; before, `--preload` lost the thread.

      uWSGI without `--enable-threads` is said to stop Python's threads, and ddtrace asks for the option. With uWSGI \
      2.0.30 and 2.0.31 and ddtrace 1.20, 2.21, 3.19 and 4.16 traces came without it as with it, so it is a note. \
      Options in a file that the doctor does not read are not judged.
      """)
}
