package io.dormouse.observe;

import io.dormouse.loop.Durations;
import java.time.Duration;
import java.util.Locale;
import java.util.function.ToLongFunction;

/** A report in one line. */
final class Lines {
  private Lines() {}

  /** Returns such as {@code 3 connections in 14.8 ms, 2 closed cleanly, 1 aborted}. */
  static <E extends Enum<E>> String of(
      int connections, Duration took, ToLongFunction<E> count, E[] outcomes) {
    StringBuilder line = new StringBuilder();
    line.append(connections).append(connections == 1 ? " connection" : " connections");
    line.append(" in ").append(Durations.text(took));
    for (E outcome : outcomes) {
      long times = count.applyAsLong(outcome);
      if (times > 0) {
        String words = outcome.name().toLowerCase(Locale.ROOT).replace('_', ' ');
        line.append(", ").append(times).append(' ').append(words);
      }
    }
    return line.toString();
  }
}
