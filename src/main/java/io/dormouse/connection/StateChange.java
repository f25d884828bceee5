package io.dormouse.connection;

import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * One step of a connection from a state to the next.
 *
 * @param from the state before
 * @param to the state after; one of {@code from.next()}
 * @param generation which life of the connection this belongs to: how many connect attempts there
 *     have been
 * @param reasonOrNull why the generation ended, if it ended with this step, or is about to, if the
 *     step is to {@link ConnectionState#DRAINING}
 */
public record StateChange(
    ConnectionState from, ConnectionState to, long generation, @Nullable CloseReason reasonOrNull) {
  /** Checks that the step is a legal one. */
  public StateChange {
    Objects.requireNonNull(from, "from");
    Objects.requireNonNull(to, "to");
    if (!from.next().contains(to)) {
      throw new IllegalArgumentException("no connection goes from " + from + " to " + to);
    }
  }

  /** Returns why the generation ended or is about to. */
  public Optional<CloseReason> reason() {
    return Optional.ofNullable(reasonOrNull);
  }

  @Override
  public String toString() {
    return from + " -> " + to + reason().map(r -> ": " + r).orElse("");
  }
}
