package io.dormouse.observe;

import io.dormouse.connection.ConnectionKind;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * How the connections went to sleep.
 *
 * @param took from when the app left the front, or the task ended, to when the last socket was gone
 * @param withinBudget whether that was within the budget
 * @param socketsLeft sockets found open in the end that no task covers; anything but 0 is a bug
 * @param connections what became of each connection, in order of registration
 */
public record SuspendReport(
    Duration took, boolean withinBudget, int socketsLeft, List<Entry> connections) {
  /** What became of one connection. */
  public enum Outcome {
    /** All was written, and both sides knew of the end. */
    CLOSED_CLEANLY,
    /** Cut off: the peer was too slow or broke the connection. */
    ABORTED,
    /** Still open, since a long-running task covers it. */
    KEPT,
    /** Held no open socket in the first place. */
    WAS_NOT_OPEN,
    /** Still open, since the app came back before it was closed. */
    STAYED_OPEN
  }

  /**
   * One connection's line.
   *
   * @param name the connection
   * @param kind what it speaks
   * @param outcome what became of it
   * @param took from the beginning of the suspend until it held no socket
   * @param unsentMessages sends that had been accepted and were not written
   * @param unsentBytes their bytes
   * @param keptByOrNull the task that covers it, if the outcome is {@link Outcome#KEPT}
   */
  public record Entry(
      String name,
      ConnectionKind kind,
      Outcome outcome,
      Duration took,
      int unsentMessages,
      long unsentBytes,
      @Nullable String keptByOrNull) {
    /** Checks for nulls. */
    public Entry {
      Objects.requireNonNull(name, "name");
      Objects.requireNonNull(kind, "kind");
      Objects.requireNonNull(outcome, "outcome");
      Objects.requireNonNull(took, "took");
    }

    /** Returns the name of the task that covers it. */
    public Optional<String> keptBy() {
      return Optional.ofNullable(keptByOrNull);
    }
  }

  /** Copies the list. */
  public SuspendReport {
    Objects.requireNonNull(took, "took");
    connections = List.copyOf(connections);
  }

  /** Returns the report in one line, such as {@code 3 connections in 14.8 ms, 2 closed cleanly}. */
  @Override
  public String toString() {
    return Lines.of(connections.size(), took, this::count, Outcome.values());
  }

  /** Returns the report of a registry that has never been suspended. */
  public static SuspendReport none() {
    return new SuspendReport(Duration.ZERO, true, 0, List.of());
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
