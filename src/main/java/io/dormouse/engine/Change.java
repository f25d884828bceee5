package io.dormouse.engine;

import io.dormouse.connection.CloseReason;
import io.dormouse.connection.ConnectionState;
import io.dormouse.connection.StateChange;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** A step as listeners hear it; a legal one, or it is not made. */
record Change(ConnectionState from, ConnectionState to, long generation, @Nullable CloseReason why)
    implements StateChange {
  Change {
    if (!from.next().contains(to)) {
      throw new IllegalArgumentException("no connection goes from " + from + " to " + to);
    }
  }

  @Override
  public Optional<CloseReason> reason() {
    return Optional.ofNullable(why);
  }

  @Override
  public String toString() {
    return from + " -> " + to + reason().map(r -> ": " + r).orElse("");
  }
}
