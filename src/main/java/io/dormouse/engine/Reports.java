package io.dormouse.engine;

import io.dormouse.connection.CloseReason;
import io.dormouse.connection.ConnectionKind;
import io.dormouse.loop.Durations;
import io.dormouse.observe.ResumeReport;
import io.dormouse.observe.SuspendReport;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.ToLongFunction;
import org.jspecify.annotations.Nullable;

/** Reports as they are made here. */
final class Reports {
  /** That of a registry that has never been suspended. */
  static final SuspendReport NO_SUSPEND = new OfSuspend(Duration.ZERO, true, 0, List.of());

  /** That of a registry that has never been in the foreground. */
  static final ResumeReport NO_RESUME = new OfResume(Duration.ZERO, List.of());

  private Reports() {}

  /** The report of a suspend. */
  record OfSuspend(
      Duration took, boolean withinBudget, int socketsLeft, List<SuspendReport.Entry> connections)
      implements SuspendReport {
    OfSuspend {
      connections = List.copyOf(connections);
    }

    @Override
    public String toString() {
      return line(connections.size(), took, this::count, SuspendReport.Outcome.values());
    }
  }

  /** One connection's line in it. */
  record Suspended(
      String name,
      ConnectionKind kind,
      SuspendReport.Outcome outcome,
      Duration took,
      int unsentMessages,
      long unsentBytes,
      @Nullable String task)
      implements SuspendReport.Entry {
    @Override
    public Optional<String> keptBy() {
      return Optional.ofNullable(task);
    }

    @Override
    public String toString() {
      return name + " " + words(outcome) + " in " + Durations.text(took);
    }
  }

  /** The report of a resume. */
  record OfResume(Duration took, List<ResumeReport.Entry> connections) implements ResumeReport {
    OfResume {
      connections = List.copyOf(connections);
    }

    @Override
    public String toString() {
      return line(connections.size(), took, this::count, ResumeReport.Outcome.values());
    }
  }

  /** One connection's line in it. */
  record Resumed(
      String name,
      ConnectionKind kind,
      ResumeReport.Outcome outcome,
      Duration took,
      @Nullable CloseReason why)
      implements ResumeReport.Entry {
    @Override
    public Optional<CloseReason> reason() {
      return Optional.ofNullable(why);
    }

    @Override
    public String toString() {
      String line = name + " " + words(outcome) + " in " + Durations.text(took);
      return reason().map(reason -> line + ": " + reason).orElse(line);
    }
  }

  /** Returns such as {@code 3 connections in 14.8 ms, 2 closed cleanly, 1 aborted}. */
  private static <E extends Enum<E>> String line(
      int connections, Duration took, ToLongFunction<E> count, E[] outcomes) {
    StringBuilder line = new StringBuilder();
    line.append(connections).append(connections == 1 ? " connection" : " connections");
    line.append(" in ").append(Durations.text(took));
    for (E outcome : outcomes) {
      long times = count.applyAsLong(outcome);
      if (times > 0) {
        String words = words(outcome);
        line.append(", ").append(times).append(' ');
        line.append(times == 1 ? words : words.replaceFirst("^was ", "were "));
      }
    }
    return line.toString();
  }

  private static String words(Enum<?> outcome) {
    return outcome.name().toLowerCase(Locale.ROOT).replace('_', ' ');
  }
}
