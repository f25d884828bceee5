package io.dormouse.observe;

import io.dormouse.connection.CloseReason;
import io.dormouse.connection.ConnectionKind;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * How the connections came back: complete when the first attempt of each is over. Only the library
 * makes these. Its text is one line, such as {@code 3 connections in 14.8 ms, 3 opened}.
 */
public interface ResumeReport {
  /** What became of one connection. */
  enum Outcome {
    /** Open, on a new socket. */
    OPENED,
    /** Open all the time: a task covered it, or the app came back before it was closed. */
    STAYED_OPEN,
    /** The first attempt failed; the retry policy says what follows. */
    FIRST_ATTEMPT_FAILED,
    /** Not wanted any more before its first attempt was over. */
    CALLED_OFF
  }

  /** One connection's line. */
  interface Entry {
    /** {@return the connection's name} */
    String name();

    /** {@return what it speaks} */
    ConnectionKind kind();

    /** {@return what became of it} */
    Outcome outcome();

    /** {@return how long it took from the foreground to the end of its first attempt} */
    Duration took();

    /** {@return why the first attempt failed, if it did} */
    Optional<CloseReason> reason();
  }

  /** {@return how long it took from the foreground to when the last first attempt was over} */
  Duration took();

  /** {@return what became of each wanted connection, in the order they finished} */
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
   * {@return the line of a connection; empty if it was not wanted, or is not known}
   *
   * @param name of a connection
   */
  default Optional<Entry> find(String name) {
    return connections().stream().filter(entry -> entry.name().equals(name)).findFirst();
  }
}
