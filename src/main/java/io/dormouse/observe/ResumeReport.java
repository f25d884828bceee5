package io.dormouse.observe;

import io.dormouse.connection.CloseReason;
import io.dormouse.connection.ConnectionKind;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * How the connections came back: complete when the first attempt of each is over.
 *
 * @param took from the foreground to when the last first attempt was over
 * @param connections what became of each wanted connection, in the order they finished
 */
public record ResumeReport(Duration took, List<Entry> connections) {
  /** What became of one connection. */
  public enum Outcome {
    /** Open, on a new socket. */
    OPENED,
    /** Open all the time: a task covered it, or the app came back before it was closed. */
    STAYED_OPEN,
    /** The first attempt failed; the retry policy says what follows. */
    FIRST_ATTEMPT_FAILED,
    /** Not wanted any more before its first attempt was over. */
    CALLED_OFF
  }

  /**
   * One connection's line.
   *
   * @param name the connection
   * @param kind what it speaks
   * @param outcome what became of it
   * @param took from the foreground to the end of its first attempt
   * @param reasonOrNull why the first attempt failed, if it did
   */
  public record Entry(
      String name,
      ConnectionKind kind,
      Outcome outcome,
      Duration took,
      @Nullable CloseReason reasonOrNull) {
    /** Checks for nulls. */
    public Entry {
      Objects.requireNonNull(name, "name");
      Objects.requireNonNull(kind, "kind");
      Objects.requireNonNull(outcome, "outcome");
      Objects.requireNonNull(took, "took");
    }

    /** Returns why the first attempt failed. */
    public Optional<CloseReason> reason() {
      return Optional.ofNullable(reasonOrNull);
    }
  }

  /** Copies the list. */
  public ResumeReport {
    Objects.requireNonNull(took, "took");
    connections = List.copyOf(connections);
  }

  /** Returns the report in one line, such as {@code 3 connections in 14.8 ms, 3 opened}. */
  @Override
  public String toString() {
    return Lines.of(connections.size(), took, this::count, Outcome.values());
  }

  /** Returns the report of a registry that has never been in the foreground. */
  public static ResumeReport none() {
    return new ResumeReport(Duration.ZERO, List.of());
  }

  /** Returns how many connections had this outcome. */
  public long count(Outcome outcome) {
    return connections.stream().filter(entry -> entry.outcome() == outcome).count();
  }

  /** Returns the line of a connection. */
  public Optional<Entry> find(String name) {
    return connections.stream().filter(entry -> entry.name().equals(name)).findFirst();
  }
}
