package io.dormouse.bench;

import java.time.Duration;
import java.util.List;
import java.util.Map;

/**
 * Says which contest is played next, and how long all that are left take. What each takes was
 * measured once; how this machine compares with that one shows as contests end.
 */
final class Progress {
  /** The benchmarks of JMH, which come last and together. */
  static final String MICRO = "micro";

  /** So many seconds of contests must be over before this machine is known. */
  private static final int KNOWN = 30;

  /** Seconds, by what a contest's name begins with; the longest that fits holds. */
  private static final Map<String, Integer> SECONDS =
      Map.ofEntries(
          Map.entry("ws.ready.", 60),
          Map.entry("wss.ready.", 95),
          Map.entry("wss.ready.1000.first", 70),
          Map.entry("wss.back.", 8),
          Map.entry("race.", 5),
          Map.entry("tcp.ready.", 15),
          Map.entry("quiet.", 35),
          Map.entry("cold.", 40),
          Map.entry("threads.", 15),
          Map.entry("heap.idle.ws.", 22),
          Map.entry("heap.idle.tcp.", 11),
          Map.entry("heap.idle.wss.", 41),
          Map.entry("scale.", 40),
          Map.entry("idle.cpu", 65),
          Map.entry("ws.echo.", 27),
          Map.entry("tcp.echo.", 25),
          Map.entry("tcp.throughput.", 8),
          Map.entry("wss.echo.", 33),
          Map.entry("tls.throughput.", 7),
          Map.entry("deflate.echo.", 17),
          Map.entry("udp.rate.", 8),
          Map.entry("blocked.", 10),
          Map.entry("http.overhead.", 18),
          Map.entry("storm.", 3),
          Map.entry(MICRO, 65));

  private final List<String> names;
  private int begun;

  /**
   * Creates one for a run.
   *
   * @param names what is played, in this order
   */
  Progress(List<String> names) {
    this.names = List.copyOf(names);
  }

  /** Returns how long this takes, as far as is known; 0 if nothing is. */
  static int seconds(String name) {
    return SECONDS.entrySet().stream()
        .filter(each -> name.startsWith(each.getKey()))
        .max(Map.Entry.comparingByKey((a, b) -> a.length() - b.length()))
        .map(Map.Entry::getValue)
        .orElse(0);
  }

  /**
   * Returns a line for people: the next one begins.
   *
   * @param gone since the first began
   */
  String next(Duration gone) {
    int before = total(names.subList(0, begun));
    double pace = before < KNOWN ? 1 : gone.toMillis() / 1e3 / before;
    String name = names.get(begun);
    int left = total(names.subList(begun, names.size()));
    begun++;
    return "["
        + begun
        + " of "
        + names.size()
        + "] "
        + name
        + ": some "
        + about(seconds(name) * pace)
        + "; all that is left: some "
        + about(left * pace);
  }

  private static int total(List<String> names) {
    return names.stream().mapToInt(Progress::seconds).sum();
  }

  private static String about(double seconds) {
    return seconds < 100
        ? Math.max(1, Math.round(seconds)) + " s"
        : Math.round(seconds / 60) + " min";
  }
}
