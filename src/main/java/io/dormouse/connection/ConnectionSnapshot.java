package io.dormouse.connection;

import java.time.Duration;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A connection at one moment.
 *
 * @param name its name in the registry
 * @param kind what it speaks
 * @param state where it is
 * @param timeInState how long it has been there
 * @param generation how many connect attempts there have been
 * @param failures how many attempts in a row have failed; 0 once it has been up for the minimum
 *     uptime
 * @param bytesIn payload bytes received since it was registered
 * @param bytesOut payload bytes sent since it was registered
 * @param refusedSends how many sends were refused since it was registered: it was not open, or too
 *     much waited already, or the generation that they answered was over
 * @param lastReasonOrNull why the last generation ended; null if none has
 */
public record ConnectionSnapshot(
    String name,
    ConnectionKind kind,
    ConnectionState state,
    Duration timeInState,
    long generation,
    int failures,
    long bytesIn,
    long bytesOut,
    long refusedSends,
    @Nullable CloseReason lastReasonOrNull) {
  /** Checks for nulls. */
  public ConnectionSnapshot {
    Objects.requireNonNull(name, "name");
    Objects.requireNonNull(kind, "kind");
    Objects.requireNonNull(state, "state");
    Objects.requireNonNull(timeInState, "timeInState");
  }

  /** Returns why the last generation ended; empty if none has. */
  public Optional<CloseReason> lastReason() {
    return Optional.ofNullable(lastReasonOrNull);
  }
}
