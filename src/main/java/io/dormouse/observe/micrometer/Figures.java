package io.dormouse.observe.micrometer;

import io.dormouse.connection.Connection;
import io.dormouse.connection.ConnectionKind;
import io.dormouse.connection.ConnectionSnapshot;
import io.dormouse.connection.ConnectionState;
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
  private final IdentityHashMap<Connection, ConnectionSnapshot> seen = new IdentityHashMap<>();

  private final Map<ConnectionKind, Totals> totals = new EnumMap<>(ConnectionKind.class);
  private Look latest = new Look(Map.of(), List.of());
  private long latestNanos;

  /** What only grows: that of one connection, or of all of a kind. */
  record Totals(long received, long sent, long refused) {
    private static final Totals NONE = new Totals(0, 0, 0);

    private Totals plus(ConnectionSnapshot now) {
      return new Totals(
          received + now.bytesIn(), sent + now.bytesOut(), refused + now.refusedSends());
    }

    private Totals minus(ConnectionSnapshot before) {
      return new Totals(
          received - before.bytesIn(), sent - before.bytesOut(), refused - before.refusedSends());
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
            add(connection, snapshot);
          }
        });
    return new Look(Map.copyOf(totals), List.copyOf(now.values()));
  }

  /** A connection is closed for good: nothing comes or goes any more. */
  synchronized void forget(Connection connection) {
    add(connection, connection.snapshot());
    seen.remove(connection);
  }

  private void add(Connection connection, ConnectionSnapshot now) {
    Totals sum = totals.getOrDefault(now.kind(), Totals.NONE).plus(now);
    ConnectionSnapshot before = seen.put(connection, now);
    totals.put(now.kind(), before == null ? sum : sum.minus(before));
  }
}
