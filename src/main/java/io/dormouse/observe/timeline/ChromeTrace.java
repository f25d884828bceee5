package io.dormouse.observe.timeline;

import java.util.StringJoiner;

/**
 * Chrome's Trace Event Format, as JSON: complete events ("X") with microseconds, and metadata ("M")
 * that names the threads. Perfetto reads it.
 */
final class ChromeTrace {
  private static final int PROCESS = 1;
  private static final int APP_THREAD = 1;

  private ChromeTrace() {}

  static String of(Timeline timeline) {
    StringJoiner events = new StringJoiner(",\n", "{\"traceEvents\":[\n", "\n]");
    events.add(named("process_name", APP_THREAD, "Dormouse"));
    events.add(named("thread_name", APP_THREAD, "app"));
    for (Timeline.Away away : timeline.away()) {
      events.add(complete("BACKGROUND", "app", APP_THREAD, away.from(), away.to()) + "}");
    }
    int thread = APP_THREAD;
    for (Row row : timeline.rows()) {
      thread++;
      String kind = row.kind();
      events.add(named("thread_name", thread, row.name() + " (" + kind + ")"));
      events.add(
          "{\"ph\":\"M\",\"pid\":"
              + PROCESS
              + ",\"tid\":"
              + thread
              + ",\"name\":\"thread_sort_index\",\"args\":{\"sort_index\":"
              + thread
              + "}}");
      for (Span span : row.spans()) {
        String name = span.state() == Shade.TASK ? row.name() : span.state().name();
        events.add(complete(name, kind, thread, span.from(), span.to()) + args(span) + "}");
      }
    }
    return events
        + ",\"displayTimeUnit\":\"ms\",\"otherData\":{\"dropped\":\""
        + timeline.dropped()
        + "\"}}\n";
  }

  private static String named(String what, int thread, String name) {
    return "{\"ph\":\"M\",\"pid\":"
        + PROCESS
        + ",\"tid\":"
        + thread
        + ",\"name\":\""
        + what
        + "\",\"args\":{\"name\":"
        + Escaped.json(name)
        + "}}";
  }

  private static String complete(String name, String category, int thread, long from, long to) {
    return "{\"ph\":\"X\",\"pid\":"
        + PROCESS
        + ",\"tid\":"
        + thread
        + ",\"ts\":"
        + from
        + ",\"dur\":"
        + (to - from)
        + ",\"cat\":"
        + Escaped.json(category)
        + ",\"name\":"
        + Escaped.json(name);
  }

  private static String args(Span span) {
    StringJoiner args = new StringJoiner(",", ",\"args\":{", "}");
    args.setEmptyValue("");
    if (span.generation() > 0) {
      args.add("\"generation\":" + span.generation());
    }
    if (!span.reason().isEmpty()) {
      args.add("\"reason\":" + Escaped.json(span.reason()));
    }
    if (!span.address().isEmpty()) {
      args.add("\"address\":" + Escaped.json(span.address()));
    }
    return args.toString();
  }
}
