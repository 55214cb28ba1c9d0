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
      A tracer sends from a thread of its own. uWSGI turns Python's threads off unless it is told otherwise, so that this \
      thread never runs; and it loads the app before it forks the workers, so that they inherit a tracer whose thread \
      stayed behind. `--enable-threads` and `--lazy-apps` cure both. gunicorn with `--preload` loads the app before the \
      fork as well: releases of ddtrace before 1.0 then lose their thread, later ones start it again. Options in a file \
      that the doctor does not read are not judged.
      """)
}
