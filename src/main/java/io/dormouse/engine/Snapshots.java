package io.dormouse.engine;

import io.dormouse.connection.CloseReason;
import io.dormouse.connection.ConnectionKind;
import io.dormouse.connection.ConnectionSnapshot;
import io.dormouse.connection.ConnectionState;
import io.dormouse.lifecycle.AppState;
import io.dormouse.loop.Durations;
import io.dormouse.observe.RegistrySnapshot;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Snapshots as they are made here. */
final class Snapshots {
  private Snapshots() {}

  /** A connection at one moment. */
  record OfConnection(
      String name,
      ConnectionKind kind,
      ConnectionState state,
      Duration timeInState,
      long generation,
      int failures,
      long bytesIn,
      long bytesOut,
      long handshakes,
      long resumedHandshakes,
      long queuedBytes,
      long refusedSends,
      @Nullable CloseReason why)
      implements ConnectionSnapshot {
    @Override
    public Optional<CloseReason> lastReason() {
      return Optional.ofNullable(why);
    }

    @Override
    public String toString() {
      StringBuilder text = new StringBuilder();
      text.append(kind).append(' ').append(name).append(' ').append(state);
      text.append(" for ").append(Durations.text(timeInState));
      text.append(", generation ").append(generation).append(", failures ").append(failures);
      text.append(", bytes in ").append(bytesIn).append(", out ").append(bytesOut);
      text.append(", queued ").append(queuedBytes).append(", sends refused ").append(refusedSends);
      if (handshakes > 0) {
        text.append(", TLS handshakes ").append(handshakes);
        text.append(", resumed ").append(resumedHandshakes);
      }
      lastReason().ifPresent(reason -> text.append(", last end ").append(reason));
      return text.toString();
    }
  }

  /** A registry at one moment. */
  record OfRegistry(
      AppState appState, boolean closed, List<ConnectionSnapshot> connections, List<String> tasks)
      implements RegistrySnapshot {
    OfRegistry {
      connections = List.copyOf(connections);
      tasks = List.copyOf(tasks);
    }

    @Override
    public String toString() {
      return SnapshotTable.of(this, closed);
    }
  }
}
