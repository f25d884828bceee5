package io.dormouse.observe;

import io.dormouse.connection.ConnectionKind;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * How the connections went to sleep. Only the library makes these. Its text is one line, such as
 * {@code 3 connections in 14.8 ms, 2 closed cleanly, 1 kept}.
 */
public interface SuspendReport {
  /** What became of one connection. */
  enum Outcome {
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

  /** One connection's line. */
  interface Entry {
    /** {@return the connection's name} */
    String name();

    /** {@return what it speaks} */
    ConnectionKind kind();

    /** {@return what became of it} */
    Outcome outcome();

    /** {@return how long it took from the beginning of the suspend until it held no socket} */
    Duration took();

    /** {@return how many sends had been accepted and were not written} */
    int unsentMessages();

    /** {@return the bytes of those} */
    long unsentBytes();

    /** {@return the name of the task that covers it, if the outcome is {@link Outcome#KEPT}} */
    Optional<String> keptBy();
  }

  /**
   * {@return how long it took from when the app left the front, or the task ended, to when the last
   * socket was gone}
   */
  Duration took();

  /** {@return whether that was within the budget} */
  boolean withinBudget();

  /** {@return how many sockets were found open in the end that no task covers; not 0 is a bug} */
  int socketsLeft();

  /** {@return what became of each connection, in order of registration} */
  List<Entry> connections();

  /**
   * {@return how many connections had this outcome}
   *
   * @param outcome which is counted
   */
  default long count(Outcome outcome) {
    return connections().stream().filter(entry -> entry.outcome() == outcome).count();
  }

  /**
   * {@return the line of a connection; empty if it was not registered at that time}
   *
   * @param name of a connection
   */
  default Optional<Entry> find(String name) {
    return connections().stream().filter(entry -> entry.name().equals(name)).findFirst();
  }
}
