package io.dormouse.observe.micrometer;

import io.dormouse.connection.Connection;
import io.dormouse.connection.ConnectionKind;
import io.dormouse.connection.ConnectionSnapshot;
import io.dormouse.connection.ConnectionState;
import io.dormouse.observe.ConnectionStep;
import io.dormouse.observe.ObservedRegistry;
import io.micrometer.core.instrument.Clock;
import java.util.EnumMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * What the connections' snapshots add up to. Those that are read for one scrape come from one look
 * at the connections, so that they agree. Any thread.
 */
final class Figures {
  private static final long FRESH_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

  private final ObservedRegistry registry;
  private final Clock clock;

  /** Each connection as it was seen last. A sum that only grows must not lose what is closed. */
  private final IdentityHashMap<Connection, Totals> seen = new IdentityHashMap<>();

  private final Map<ConnectionKind, Totals> totals = new EnumMap<>(ConnectionKind.class);
  private Look latest = new Look(Map.of(), List.of());
  private long latestNanos;

  /** What only grows: that of one connection, or of all of a kind. */
  record Totals(long received, long sent, long refused) {
    private static final Totals NONE = new Totals(0, 0, 0);

    private static Totals of(ConnectionSnapshot now) {
      return new Totals(now.bytesIn(), now.bytesOut(), now.refusedSends());
    }

    private Totals plus(Totals more) {
      return new Totals(received + more.received, sent + more.sent, refused + more.refused);
    }

    private Totals minus(Totals less) {
      return new Totals(received - less.received, sent - less.sent, refused - less.refused);
    }
  }

  /** The connections at one moment, and what has come and gone until then. */
  record Look(Map<ConnectionKind, Totals> totals, List<ConnectionSnapshot> connections) {
    long count(ConnectionKind kind, ConnectionState state) {
      return connections.stream().filter(it -> it.kind() == kind && it.state() == state).count();
    }

    long queued(ConnectionKind kind) {
      return connections.stream()
          .filter(it -> it.kind() == kind)
          .mapToLong(ConnectionSnapshot::queuedBytes)
          .sum();
    }

    Totals total(ConnectionKind kind) {
      return totals.getOrDefault(kind, Totals.NONE);
    }
  }

  Figures(ObservedRegistry registry, Clock clock) {
    this.registry = registry;
    this.clock = clock;
    this.latestNanos = clock.monotonicTime() - FRESH_NANOS;
  }

  /** Returns what a look shows that is not older than a tenth of a second. */
  synchronized Look latest() {
    long now = clock.monotonicTime();
    if (now - latestNanos >= FRESH_NANOS) {
      latestNanos = now;
      latest = look();
    }
    return latest;
  }

  private Look look() {
    IdentityHashMap<Connection, ConnectionSnapshot> now = new IdentityHashMap<>();
    registry.connections().forEach(connection -> now.put(connection, connection.snapshot()));
    now.forEach(
        (connection, snapshot) -> {
          // The step to CLOSED counts it, or has counted it already.
          if (snapshot.state() != ConnectionState.CLOSED) {
            add(connection, Totals.of(snapshot));
          }
        });
    return new Look(Map.copyOf(totals), List.copyOf(now.values()));
  }

  /** A connection is closed for good, by this step: nothing comes or goes any more. */
  synchronized void forget(ConnectionStep closed) {
    Connection connection = closed.connection();
    long refused = connection.snapshot().refusedSends();
    add(connection, new Totals(closed.bytesIn(), closed.bytesOut(), refused));
    seen.remove(connection);
  }

  private void add(Connection connection, Totals now) {
    Totals before = seen.put(connection, now);
    totals.merge(connection.kind(), before == null ? now : now.minus(before), Totals::plus);
  }
}
